import Server
import Testing

@Suite("hashes of secrets")
struct SecretHashTests {
    @Test("a hash that was written is read as the same, matches its secret and no other, and shows nothing of it")
    func roundTrip() throws {
        let hash = try SecretHash(of: "sk-rudder-secret")
        let read = try #require(SecretHash(parsing: hash.text))
        #expect(read == hash && read.matches("sk-rudder-secret"))
        for other in ["", "sk-rudder-secre", "sk-rudder-secret ", "SK-RUDDER-SECRET", hash.text] {
            #expect(!read.matches(other), "\(other)")
        }
        #expect(!hash.text.contains("secret"))
    }

    @Test("two hashes of one secret differ by their salts")
    func salts() throws {
        #expect(try SecretHash(of: "secret").text != SecretHash(of: "secret").text)
    }

    @Test("it is SHA-256 of salt and secret, so that other programs can make it")
    func definition() throws {
        // printf '\x00\x01\x02\x03\x04\x05\x06\x07secret' | sha256sum
        let hash = try #require(
            SecretHash(parsing: "sha256:0001020304050607:ecdac6ad253238ad9e6e330c781ce314212eb7724a9cb0f722370a57a80e46d7")
        )
        #expect(hash.matches("secret"))
    }

    @Test(
        "what is no hash is not read",
        arguments: [
            "", "secret", "sha256", "sha256::", "sha256:00:00", "md5:0001020304050607:00",
            "sha256:0001020304050607:" + String(repeating: "0", count: 63), "sha256:0001020304050607:" + String(repeating: "0", count: 66),
            "sha256:0001020304050607:" + String(repeating: "g", count: 64), "sha256:00010203040506:" + String(repeating: "0", count: 64),
            "sha256:0001020304050607:" + String(repeating: "0", count: 64) + ":",
            "SHA256:0001020304050607:" + String(repeating: "0", count: 64),
        ]
    )
    func malformed(text: String) {
        #expect(SecretHash(parsing: text) == nil)
    }
}
