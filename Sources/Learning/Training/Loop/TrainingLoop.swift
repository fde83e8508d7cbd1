import Compute
import Inference

/// Mini-batches, epochs, the best parameters seen: what training a value head and a reward head have in common. Blocks for its whole time.
final class TrainingLoop {
    /// What training came to.
    struct Outcome {
        let head: TrainedHead
        let reports: [EpochReport]
        let bestEpoch: Int
    }

    private let options: TrainingOptions
    private let training: any TrainingObjective
    private let validation: any TrainingObjective
    private let checkpoint: TrainingCheckpoint?
    private let parameters: NetworkParameters
    private let best: NetworkParameters
    private let gradient: NetworkParameters
    private let optimizer: AdamOptimizer
    private let trainingPasses: TrainingPasses
    private let validationPasses: TrainingPasses
    private var reports: [EpochReport] = []
    private var bestEpoch = 0

    /// Makes a loop.
    ///
    /// - Parameters:
    ///   - width: D, the states' width.
    ///   - options: how to train; validated.
    ///   - training: what to learn from.
    ///   - validation: what to judge by.
    ///   - team: who computes.
    ///   - checkpoint: where the state after each epoch is kept, and looked for at the start.
    init(
        width: Int,
        options: TrainingOptions,
        training: any TrainingObjective,
        validation: any TrainingObjective,
        team: ThreadTeam,
        checkpoint: TrainingCheckpoint?
    ) throws(TrainingError) {
        try options.validate()
        guard training.itemCount > 0, validation.itemCount > 0 else {
            throw .badData(
                "there is too little data to split into some to train on and some to validate with; take more prompts, or raise --validation"
            )
        }
        self.options = options
        self.training = training
        self.validation = validation
        self.checkpoint = checkpoint
        let shape = try NetworkShape(inputs: width, hidden: options.trainedUnits, layers: options.layers)
        parameters = NetworkParameters(shape: shape)
        best = NetworkParameters(shape: shape)
        gradient = NetworkParameters(shape: shape)
        optimizer = AdamOptimizer(shape: shape, weightDecay: options.weightDecay)
        trainingPasses = TrainingPasses(objective: training, parameters: parameters, team: team, batch: options.batch)
        validationPasses = TrainingPasses(objective: validation, parameters: parameters, team: team, batch: options.batch)
        parameters.randomize(seed: options.seed)
    }

    /// Trains until it gets no better.
    ///
    /// - Parameters:
    ///   - progress: told of mini-batches done, and of how many at most.
    ///   - report: told of each epoch.
    /// - Throws: ``TrainingError/diverged(epoch:)``, `CancellationError`, and whatever reading states throws.
    func run(
        isCancelled: () -> Bool,
        progress: (_ done: Int, _ total: Int) -> Void,
        report: (EpochReport) -> Void
    ) throws -> Outcome {
        let scaling = try measureScaling()
        let batches = (training.itemCount + options.batch - 1) / options.batch
        let total = batches * options.epochs
        if let checkpoint, let found = try checkpoint.restore(parameters, best, optimizer) {
            (reports, bestEpoch) = (found.reports, found.bestEpoch)
            found.reports.forEach(report)
        }
        while reports.count < options.epochs, reports.count - bestEpoch < options.patience {
            let epoch = reports.count + 1
            var items = Array(0..<training.itemCount)
            // Of each epoch by itself, so that a run which was interrupted goes on as it would have.
            var random = RandomSource(seed: options.seed &+ UInt64(epoch) &* 0x9E37_79B9)
            random.shuffle(&items)
            var sum = TrainingPasses.Total()
            for batch in 0..<batches {
                if isCancelled() { throw CancellationError() }
                let part = Array(items[batch * options.batch..<min((batch + 1) * options.batch, items.count)])
                let outcome = try trainingPasses.learn(part, scaling: scaling, gradient: gradient)
                sum.loss += outcome.loss
                sum.terms += outcome.terms
                let step = (epoch - 1) * batches + batch
                optimizer.update(
                    parameters,
                    gradient: gradient,
                    scale: 1 / Float(max(outcome.terms, 1)),
                    rate: options.rate(step: step, of: total)
                )
                progress(step + 1, total)
            }
            let (values, validationTotal) = try validationPasses.evaluate(scaling: scaling, batch: options.batch)
            let measures = validation.measures(values: values)
            let result = EpochReport(
                epoch: epoch,
                trainingLoss: sum.loss / Double(max(sum.terms, 1)),
                validationLoss: validationTotal.loss / Double(max(validationTotal.terms, 1)),
                measures: Dictionary(measures.values.map { ($0.name, $0.value) }) { $1 },
                score: measures.score
            )
            guard result.trainingLoss.isFinite, result.validationLoss.isFinite, result.score.isFinite else {
                throw TrainingError.diverged(epoch: epoch)
            }
            if bestEpoch == 0 || result.score > reports[bestEpoch - 1].score {
                bestEpoch = epoch
                best.copy(parameters)
            }
            reports.append(result)
            report(result)
            try checkpoint?.save(parameters, best, optimizer, reports: reports, bestEpoch: bestEpoch)
        }
        return Outcome(head: TrainedHead(best, scaling: scaling), reports: reports, bestEpoch: bestEpoch)
    }

    /// What the best network says of the training items; the loop is of no further use.
    func bestValues() throws -> [[Float]] {
        parameters.copy(best)
        return try trainingPasses.evaluate(scaling: try measureScaling(), batch: options.batch).values
    }

    /// From as many items as tell enough.
    private func measureScaling() throws -> InputScaling {
        let width = parameters.shape.inputs
        guard options.scaling != .none else { return InputScaling(width: width) }
        let step = max(training.itemCount / 512, 1)
        let items = Array(stride(from: 0, to: training.itemCount, by: step))
        return InputScaling(options.scaling, try trainingPasses.moments(items, width: width))
    }
}
