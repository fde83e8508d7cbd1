import Compute

/// A vector w which, added to V's gradient everywhere, makes it say what tokens are worth: γ (∇V + w) · s ≈ A, by ridge regression.
///
/// This is compatible function approximation (Sutton et al., "Policy gradient methods for reinforcement learning with function approximation", NIPS
/// 1999, theorem 2) with the hidden state as the policy's parameters, so that γ (∇V + w) tends to the natural policy gradient (Kakade, "A natural
/// policy gradient", NIPS 2001): of all small moves of the state that change the next token's distribution by the same KL, the one that raises the
/// reward the most. ∇V alone says what goes along with high rewards, which is not the same. What of ∇V makes no token likelier stays: no token tells
/// anything of it.
package struct AdvantageFit: Equatable {
    /// One strength of the penalty, and what it comes to on answers to prompts that were left out.
    package struct Trial: Equatable, Codable {
        /// ε of ε|w|², as a multiple of the mean diagonal element of E[s sᵀ]; nil for no correction at all, w = 0.
        package let ridge: Double?
        /// The mean square of A that is left over, relative to the mean square of A itself; below 1 is good.
        package let error: Double
        /// What is won at first, see ``AdvantageFit/gain``.
        package let gain: Double
    }

    /// w, to be added to V's gradient.
    package let correction: [Double]
    /// γ: how much more a move along ∇V is worth than V says; 1 at least.
    package let scale: Double
    /// The penalty that did best; nil where no correction did better than none.
    package let ridge: Double?
    /// E[A j] / √E[j²] on prompts that were left out, with j = (∇V + w) · s: the reward that is won for each token moved by a small step along the
    /// gradient, for each root of twice the KL, in nats.
    package let gain: Double
    /// The same of ∇V alone.
    package let gainBefore: Double
    /// All that were tried.
    package let trials: [Trial]

    private static let ridges: [Double?] = [0.03125, 0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 16, nil]

    /// Fits w, with the penalty that leaves the least error on each fold when fitted to the others.
    ///
    /// - Parameter folds: sums of answers, by folds that have no prompt in common; two at least.
    /// - Throws: ``TrainingError/badData(_:)`` where nothing can be fitted.
    package init(folds: [AdvantageSums]) throws(TrainingError) {
        let folds = folds.filter { $0.count > 0 }
        guard folds.count > 1 else {
            throw .badData("advantages need answers to two prompts at least; sample more prompts with `rudder rollouts`")
        }
        let total = Self.sum(folds[...])
        guard total.scalars.allSatisfy(\.isFinite), total.advantageSquare > 0 else {
            throw .badData("the values of the stored states leave no advantages to learn from; leave --advantages out")
        }
        let others = folds.indices.map { left in Self.sum(folds.indices.filter { $0 != left }.map { folds[$0] }[...]) }
        var trials: [Trial] = []
        for ridge in Self.ridges {
            var (error, gains) = (0.0, [Double]())
            for (fold, rest) in zip(folds, others) {
                let correction = try Self.solve(rest, ridge: ridge)
                let (product, square) = Self.moments(of: correction, scale: rest.scale, in: fold)
                error += square - 2 * product + fold.advantageSquare
                gains.append(Self.gain(product, square, fold.count))
            }
            trials.append(Trial(ridge: ridge, error: error / total.advantageSquare, gain: Statistics.mean(gains)))
        }
        guard let best = trials.min(by: { $0.error < $1.error }), best.error.isFinite else {
            throw .badData("advantages cannot be fitted: they are not finite; leave --advantages out")
        }
        self.trials = trials
        let scale = total.scale
        self.scale = scale
        ridge = best.ridge
        gain = best.gain
        gainBefore = Statistics.mean(folds.map { Self.gain($0.slopeAdvantage, $0.slopeSquare, $0.count) })
        correction = try Self.solve(total, ridge: best.ridge).map { $0 / scale }
    }

    /// γ w, fitted to what γ ∇V leaves of the advantages.
    private static func solve(_ sums: AdvantageSums, ridge: Double?) throws(TrainingError) -> [Double] {
        let width = sums.advantages.count
        guard let ridge else { return [Double](repeating: 0, count: width) }
        var matrix = sums.fisher
        let penalty = ridge * (0..<width).reduce(0) { $0 + matrix[$1 * (width + 1)] } / Double(width)
        for index in 0..<width { matrix[index * (width + 1)] += penalty }
        let rest = zip(sums.advantages, sums.slopes).map { $0 - sums.scale * $1 }
        guard let solution = PositiveSystem.solve(matrix, rest) else {
            throw .badData("the tokens' scores are not finite, or all 0; leave --advantages out")
        }
        return solution
    }

    /// Σ A j and Σ j² with j = (γ ∇V + w) · s.
    private static func moments(of correction: [Double], scale: Double, in sums: AdvantageSums) -> (product: Double, square: Double) {
        let width = correction.count
        var quadratic = 0.0
        for row in 0..<width {
            var sum = 0.0
            for column in 0..<width { sum += sums.fisher[row * width + column] * correction[column] }
            quadratic += correction[row] * sum
        }
        let along = { (vector: [Double]) in zip(correction, vector).reduce(0) { $0 + $1.0 * $1.1 } }
        return (
            along(sums.advantages) + scale * sums.slopeAdvantage,
            quadratic + 2 * scale * along(sums.slopes) + scale * scale * sums.slopeSquare
        )
    }

    private static func gain(_ product: Double, _ square: Double, _ count: Double) -> Double {
        square > 0 ? product / (square * count).squareRoot() : 0
    }

    private static func sum(_ sums: ArraySlice<AdvantageSums>) -> AdvantageSums {
        sums.dropFirst().reduce(into: sums[sums.startIndex]) { $0.add($1) }
    }
}
