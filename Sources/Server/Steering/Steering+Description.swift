import Control
import ValueRegistry

extension Steering {
    /// Which models a described value function may steer.
    package func binding(of head: HeadDescription) -> HeadBinding {
        isQuarantined(head)
            ? .quarantined
            : binding(hiddenSize: head.hiddenSize, site: HiddenStateSite(head.site) ?? .finalNorm, sha256: head.metadata["model_sha256"])
    }
}
