import Testing
import TaxRefund

@Test func money_is_exact() throws {
    #expect(try Money(parsing: "100.00", currency: "SGD").minor == 10_000)
}
