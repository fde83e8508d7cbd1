/// A tensor as a pickle describes it: a view of a storage.
struct PickleTensor {
    let type: SafetensorsType
    /// Which of the archive's files has the numbers.
    let key: String
    /// The place of the first number.
    let offset: Int
    let shape: [Int]
    /// How many numbers further the next one of each dimension is.
    let strides: [Int]
}
