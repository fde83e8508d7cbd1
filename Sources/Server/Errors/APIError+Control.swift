import Control

extension APIError {
    /// Why heads and settings make no controller.
    package init(_ error: ControlError) {
        switch error {
        case .settings(let settings):
            self = .invalid("control.\(settings.field)", "'control.\(settings.field)' must be \(settings.expected).")
        default:
            self = .invalid("control", "These value functions cannot steer together: \(error).")
        }
    }
}
