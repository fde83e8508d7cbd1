import Testing
import ValueRegistry

@Suite("Head references")
struct HeadReferenceTests {
    @Test(
        "references are names with an optional version",
        arguments: [("a", "a", nil), ("a@3", "a", 3), ("A.b_c-9@12", "A.b_c-9", 12)] as [(String, String, Int?)]
    )
    func references(text: String, name: String, version: Int?) throws {
        #expect(try HeadReference(parsing: text) == HeadReference(name: name, version: version))
        #expect(try HeadReference(parsing: text).description == text)
    }

    @Test(
        "texts that name no head are refused",
        arguments: ["", "@", "a@", "a@0", "a@-1", "a@x", "a@1@2", "a@99999999999999999999", "/a", "a\u{0}", ".."]
    )
    func badReferences(text: String) {
        #expect(throws: HeadReferenceError.self) { try HeadReference(parsing: text) }
    }
}
