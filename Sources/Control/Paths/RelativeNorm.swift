/// |u| / |h|, where nothing divided by nothing is nothing.
func relativeNorm(_ signal: Float, _ state: Float) -> Float {
    signal == 0 ? 0 : signal / max(state, .leastNormalMagnitude)
}
