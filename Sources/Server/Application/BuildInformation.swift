/// What was built, and with what.
package enum BuildInformation {
    /// Rudder's version.
    package static let version = "0.1.0"

    /// The version of Swift that compiled it.
    package static var swift: String {
        #if compiler(>=6.5)
        "6.5"
        #elseif compiler(>=6.4)
        "6.4"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }
}
