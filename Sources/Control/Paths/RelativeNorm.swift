/// |u| / |h|: 0 where h is 0, for then there is no such ratio, and no number where |h| is beyond what F32 holds.
func relativeNorm(_ signal: Float, _ state: Float) -> Float {
    guard state.isFinite else { return .nan }
    return state == 0 && signal.isFinite ? 0 : signal / state
}
