import Learning
import Testing

@Suite("Statistics")
struct StatisticsTests {
    @Test("Spearman's correlation is of ranks, and equal values share theirs")
    func spearman() {
        #expect(abs(Statistics.spearman([1, 2, 3, 4], [1, 10, 100, 1000]) - 1) < 1e-12)
        #expect(abs(Statistics.spearman([1, 2, 3, 4], [4, 3, 2, 1]) + 1) < 1e-12)
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: by scipy.stats.spearmanr.
        #expect(abs(Statistics.spearman([1, 2, 2, 3], [1, 2, 3, 4]) - 0.9486832980505138) < 1e-12)
        #expect(Statistics.spearman([1, 1, 1], [1, 2, 3]) == 0)
        // Of numbers that are none it says something, and ends.
        _ = Statistics.spearman([.nan, 1, .nan], [1, 2, 3])
    }

    @Test("explained variance is 1 for the outcomes themselves, shifted or not, and 0 for a constant")
    func explainedVariance() {
        let outcomes = [1.0, 2, 5, -3]
        func explained(_ predictions: [Double], _ outcomes: [Double]) -> Double {
            ExplainedVariance(outcomes: outcomes, predictions: predictions, groups: outcomes.map { _ in 0 }).whole
        }
        #expect(explained(outcomes, outcomes) == 1)
        #expect(abs(explained(outcomes.map { $0 + 7 }, outcomes) - 1) < 1e-12)
        #expect(abs(explained([4, 4, 4, 4], outcomes)) < 1e-12)
        #expect(explained([1, 3], [2, 2]) == 0)
    }

    @Test("explained variance within groups knows nothing of the groups' means")
    func explainedWithin() {
        let (outcomes, groups) = ([1.0, 3, 11, 13], [0, 0, 1, 1])
        // The groups' means alone: 2, 2, 12, 12, which leave 4 of 104 open, and all of the 4 within.
        let means = ExplainedVariance(outcomes: outcomes, predictions: [2, 2, 12, 12], groups: groups)
        #expect(abs(means.whole - 100.0 / 104) < 1e-12 && abs(means.within) < 1e-12)
        // The differences alone.
        let differences = ExplainedVariance(outcomes: outcomes, predictions: [-1, 1, -1, 1], groups: groups)
        #expect(abs(differences.whole - 4.0 / 104) < 1e-12 && abs(differences.within - 1) < 1e-12)
    }

    @Test("diversity is RE-Control's product over n-grams")
    func diversity() {
        // 4 words: 3 of 3 pairs, 2 of 2 triples, 1 of 1 quadruple: 3/4 · 2/3 · 1/2.
        #expect(abs(Diversity.of("one two  three\nfour") - 0.25) < 1e-12)
        // 6 words alike: 1 of 5, 1 of 4, 1 of 3.
        #expect(abs(Diversity.of("a a a a a a") - 1.0 / 6 / 5 / 4) < 1e-12)
        #expect(Diversity.of("too short") == 0 && Diversity.of("") == 0)
    }

    @Test("a bootstrap interval holds the mean, narrows with the sample, and is the same for the same seed")
    func bootstrap() {
        let values = (0..<400).map { Double($0 % 7) }
        let interval = Interval(bootstrapping: values)
        #expect(interval.low < interval.mean && interval.mean < interval.high)
        // The deviation of 0…6 is 2; of means of 400, 0.1: the interval is about 0.2 to either side.
        #expect(abs(interval.high - interval.low - 0.39) < 0.05)
        #expect(Interval(bootstrapping: values) == interval)
        #expect(Interval(bootstrapping: [3]).low == 3)
    }
}
