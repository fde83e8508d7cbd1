import CKernels
import ModelFiles

extension TensorType {
    /// The kernels' name for the type.
    package var kernelType: rudder_weight_type {
        switch self {
        case .f32: RUDDER_F32
        case .f16: RUDDER_F16
        case .bf16: RUDDER_BF16
        case .q4_0: RUDDER_Q4_0
        case .q4_1: RUDDER_Q4_1
        case .q5_0: RUDDER_Q5_0
        case .q5_1: RUDDER_Q5_1
        case .q8_0: RUDDER_Q8_0
        case .q4_K: RUDDER_Q4_K
        case .q5_K: RUDDER_Q5_K
        case .q6_K: RUDDER_Q6_K
        }
    }
}
