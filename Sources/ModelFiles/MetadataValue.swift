/// A metadata value of any type, read: what an inspection shows. Strings are bytes, for they may be invalid UTF-8.
public enum MetadataValue: Sendable, Equatable {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case bool(Bool)
    case string([UInt8])
    case array([MetadataValue])
}
