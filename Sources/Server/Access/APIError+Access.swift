import HTTPTypes

extension APIError {
    /// 401: no API key came, or none that there is.
    static func apiKey(isMissing: Bool) -> APIError {
        isMissing
            ? .unauthorized("This server asks for an API key: send it in the header 'Authorization: Bearer KEY'.", code: nil)
            : .unauthorized("The API key is none of this server's.", code: "invalid_api_key")
    }

    /// 403: the key may not use a model.
    static func noAccess(toModel id: String, key: APIKey) -> APIError {
        var error = APIError.forbidden("The API key '\(key.name)' may not use the model '\(id)'.", code: "model_not_found")
        error.parameter = "model"
        return error
    }

    /// 403: the key may not steer with a value function.
    static func noAccess(toHead name: String, field: String, key: APIKey) -> APIError {
        var error = APIError.forbidden("The API key '\(key.name)' may not use the value function '\(name)'.", code: "head_not_found")
        error.parameter = field
        return error
    }

    /// 429: a key took as much of something as it may in a minute.
    static func rateLimit(
        _ what: String,
        type: String,
        _ bucket: TokenBucket,
        requested: Int,
        wait: Duration,
        _ now: ContinuousClock.Instant
    ) -> APIError {
        rateLimit(
            what,
            type: type,
            limit: bucket.perMinute,
            used: bucket.perMinute - bucket.remaining(now),
            requested: requested,
            wait: wait
        )
    }

    /// 429: a key took as much of something as it may.
    static func rateLimit(_ what: String, type: String, limit: Int, used: Int, requested: Int, wait: Duration) -> APIError {
        var error = APIError(
            status: .tooManyRequests,
            message: "Rate limit reached for \(what): Limit \(limit), Used \(used), Requested \(requested). "
                + "Please try again in \(RateLimits.text(wait)).",
            type: type,
            code: "rate_limit_exceeded"
        )
        let milliseconds = Int((wait / .milliseconds(1)).rounded(.up))
        error.fields[.retryAfter] = String(max(1, (milliseconds + 999) / 1000))
        if let name = HTTPField.Name("retry-after-ms") { error.fields[name] = String(max(1, milliseconds)) }
        return error
    }

    /// 429: more tokens than a key may ever take at once. Trying again is of no use.
    static func tooManyTokens(_ tokens: Int, perMinute: Int) -> APIError {
        var error = APIError(
            status: .tooManyRequests,
            message: "Request too large for tokens per minute: Limit \(perMinute), Requested \(tokens). "
                + "Ask for a shorter prompt, fewer answers or fewer tokens of each.",
            type: "tokens",
            code: "rate_limit_exceeded"
        )
        if let name = HTTPField.Name("x-should-retry") { error.fields[name] = "false" }
        return error
    }
}
