/// Opens models, whatever their format.
public enum ModelFormat {
    /// Opens a GGUF file, the first of a split one, or a Hugging Face folder.
    ///
    /// - Throws: ``ModelFileError``
    public static func open(path: String) throws(ModelFileError) -> any ModelSource {
        if FileStatus.isDirectory(path) { return try HuggingFaceFolder(path: path) }
        return try GGUFFile(path: path)
    }
}
