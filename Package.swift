// swift-tools-version: 6.2

import PackageDescription

/// Tests reach internals by `package` access, so every module is built the same way for tests and for the program.
let testSupport: Target.Dependency = "TestSupport"

let package = Package(
    name: "rudder",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "rudder", targets: ["rudder"]),
        .library(name: "HTTP", targets: ["HTTP"]),
        .library(name: "RudderEngine", targets: ["Inference", "Control", "Transformer", "Tokenizers", "ModelFiles", "ValueRegistry"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // C: SIMD micro-kernels, a signal handler, the allocator's settings, the playground's pages as bytes, and the module maps of system libraries.
        .target(name: "CAllocator"),
        .target(name: "CKernels"),
        .target(name: "CFaults"),
        .target(name: "CPlayground", exclude: ["pages"]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Arrows point down: each target depends only on targets named above it here.
        .target(name: "ModelFiles", dependencies: ["CFaults", "COpenSSL"]),
        .target(name: "Compute", dependencies: ["CKernels", "COpenBLAS", "ModelFiles"]),
        .target(name: "Tokenizers", dependencies: ["ModelFiles"]),
        .target(name: "Transformer", dependencies: ["Compute", "ModelFiles"]),
        .target(name: "Control", dependencies: ["Compute", "ModelFiles"]),
        .target(
            name: "Inference",
            dependencies: [
                "Compute", "Control", "ModelFiles", "Tokenizers", "Transformer",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "ValueRegistry",
            dependencies: ["Control", "ModelFiles", .product(name: "Logging", package: "swift-log")]
        ),
        .target(
            name: "Learning",
            dependencies: [
                "Compute", "Control", "Inference", "ModelFiles", "Tokenizers",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "HTTP",
            dependencies: [
                "COpenSSL", "CZlib",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "Server",
            dependencies: [
                "CPlayground", "Compute", "Control", "HTTP", "Inference", "Learning", "ModelFiles", "Tokenizers", "Transformer",
                "ValueRegistry",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .executableTarget(
            name: "rudder",
            dependencies: [
                "CAllocator", "Compute", "Control", "HTTP", "Inference", "Learning", "ModelFiles", "Server", "Tokenizers", "Transformer",
                "ValueRegistry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // Tests mirror Sources, folder by folder.
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", testSupport]),
        .testTarget(name: "ComputeTests", dependencies: ["Compute", "CKernels", "ModelFiles", testSupport]),
        .testTarget(name: "TokenizersTests", dependencies: ["Tokenizers", "ModelFiles", testSupport]),
        .testTarget(name: "TransformerTests", dependencies: ["Transformer", "Compute", "ModelFiles", testSupport]),
        .testTarget(name: "ControlTests", dependencies: ["Control", "Compute", "ModelFiles", testSupport]),
        .testTarget(
            name: "InferenceTests",
            dependencies: ["Inference", "Control", "Transformer", "Tokenizers", "Compute", "ModelFiles", testSupport]
        ),
        // A program that tests start, and kill.
        .executableTarget(
            name: "ValueRegistryWriter",
            dependencies: ["ModelFiles", "ValueRegistry", .product(name: "Logging", package: "swift-log")],
            path: "Tests/ValueRegistryWriter"
        ),
        .testTarget(
            name: "ValueRegistryTests",
            dependencies: ["ValueRegistry", "ValueRegistryWriter", "Control", "ModelFiles", testSupport]
        ),
        .testTarget(
            name: "LearningTests",
            dependencies: ["Learning", "Compute", "Control", "Inference", "ModelFiles", "Tokenizers", testSupport]
        ),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "COpenSSL", "CZlib", testSupport]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "rudder", "Control", "HTTP", "Inference", "ModelFiles", "Tokenizers", "ValueRegistry",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Yams", package: "Yams"),
                testSupport,
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// What fuzzes the readers of outside data, only where it is asked for: it needs libFuzzer, and every module built for it. See Docs/fuzzing.md.
if Context.environment["RUDDER_FUZZ"] != nil {
    package.targets += [
        .target(name: "FuzzDriver", path: "Tests/Fuzz/Driver"),
        .executableTarget(
            name: "RudderFuzz",
            dependencies: [
                "FuzzDriver", "Control", "HTTP", "Inference", "ModelFiles", "Server", "Tokenizers", "Transformer", "ValueRegistry",
                testSupport,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Fuzz/Targets"
        ),
    ]
}
