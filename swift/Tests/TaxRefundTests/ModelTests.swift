import Foundation
import Testing

@testable import TaxRefund

/// Models: `Codable` both ways, lenient where providers answer, silent about the traveller.
@Suite struct Models {
    @Test func a_request_goes_both_ways_under_its_wire_names() throws {
        let request = try Alipay.PayTaxRefundRequest(
            outOrderNo: "A1", identifyAccountType: "barcode", identifyAccountNo: "281234567890123456",
            taxRefundAmount: Money(parsing: "100.00", currency: "SGD"), docExpireDate: "2027-01-01 00:00:00",
            salesAmount: Money(minor: 5, currency: "JPY"), availableDay: 15)
        let json = try JSONEncoder().encode(request)
        let members = try JSONDecoder().decode([String: JSONValue].self, from: json)
        #expect(members["tax_refund_amount"] == "10000" && members["tax_refund_currency"] == "SGD")
        #expect(members["sales_amount"] == "5" && members["available_day"] == .number(15))
        #expect(members["passport_no"] == nil)
        #expect(try JSONDecoder().decode(Alipay.PayTaxRefundRequest.self, from: json) == request)
    }

    @Test func nested_models_go_both_ways() throws {
        let request = try AlipayPlus.SyncTaxRefundFormRequest(
            taxRefundFormNumber: "F1", formStatus: "STAMPED", statusChangeTime: "2026-11-23T09:30:00+08:00",
            taxRefundAmount: Money(minor: 500, currency: "SGD"),
            merchants: [
                .init(referenceMerchantId: "M1", merchantAddress: .init(region: "SG"), store: .init(storeMcc: "5411"))
            ], userId: "2088")
        let json = try JSONEncoder().encode(request)
        #expect(try JSONDecoder().decode(AlipayPlus.SyncTaxRefundFormRequest.self, from: json) == request)
    }

    @Test func an_answer_is_read_whatever_it_holds_and_keeps_what_no_document_names() throws {
        let json = """
            {"refundId": 12345678901234567890, "refundAmount": {"currency": "USD", "value": 500}, "refundStatus": ["?"],
             "settlementQuote": {"quotePrice": 7.81234567890123, "guaranteed": "true", "new": 1}, "more": {"a": [1.10, null]}}
            """
        let answer = try JSONDecoder().decode(Antom.RefundResponse.self, from: Data(json.utf8))
        #expect(answer.refundId == "12345678901234567890" && answer.refundStatus == nil)
        #expect(answer.refundAmount == Amount(currency: "USD", value: "500"))
        #expect(answer.settlementQuote?.quotePrice == "7.81234567890123" && answer.settlementQuote?.guaranteed == true)
        #expect(answer.settlementQuote?.extra == ["new": .number(1)])
        #expect(answer.extra["more"]?.object?["a"]?.array?.count == 2)
        let again = try JSONDecoder().decode(Antom.RefundResponse.self, from: JSONEncoder().encode(answer))
        #expect(again == answer)
        #expect(try JSONDecoder().decode(Antom.RefundResponse.self, from: Data("{}".utf8)) == Antom.RefundResponse())
    }

    @Test func nothing_personal_is_printed() throws {
        let secrets = ["281234567890123456", "E12345678", "ZHANG SAN", "138", "token-1", "extra-1"]
        let request = try Alipay.PayTaxRefundRequest(
            outOrderNo: "A1", identifyAccountType: "barcode", identifyAccountNo: secrets[0],
            taxRefundAmount: Money(parsing: "100.00", currency: "SGD"), passportNo: secrets[1], passportName: secrets[2])
        let user = Alipay.QueryUserInfoResponse(
            userId: "2088", userName: secrets[2], logonId: "13800000000", eligible: true, extra: ["x": "extra-1"])
        let token = Alipay.ExchangeAuthCodeResponse(accessToken: secrets[4])
        let payee = AlipayPlus.User(userName: Antom.UserName(fullName: secrets[2]))
        let whole = Outcome<Alipay.QueryUserInfoResponse>.succeeded(
            Succeeded(response: user, reference: nil, report: Report(members: [:])))
        let values: [any RefundModel] = [request, user, token, payee]
        for text in values.map({ printed($0) }) + [printed(whole), printed(values), printed(Optional(request) as Any)] {
            for secret in secrets { #expect(!text.contains(secret), "\(secret) in \(text)") }
        }
        #expect("\(request)".contains("outOrderNo: A1") && "\(request)".contains("passportNo: •••"))
        #expect("\(user)".contains("extra: «x»"))
    }

    @Test func money_is_exact() throws {
        #expect(try Money(parsing: "100.00", currency: "SGD").minor == 10_000)
        #expect(try Money(parsing: "100", currency: "JPY").description == "JPY 100")
        #expect(try Money(minor: 1, currency: "KWD").major == "0.001")
        #expect(try Money(minor: .max, currency: "SGD").major == "184467440737095516.15")
        for (text, currency) in [("1.001", "SGD"), ("-1", "SGD"), ("1e2", "SGD"), ("1,000", "SGD"), ("1", "XYZ"), ("", "SGD")] {
            #expect(throws: TaxRefundError.self) { try Money(parsing: text, currency: currency) }
        }
        #expect(throws: TaxRefundError.self) { try Amount(currency: "SGD", value: "1.5").money }
    }

    @Test func moments_are_written_as_each_provider_does() throws {
        let moment = Date(timeIntervalSince1970: 1_795_395_723)
        #expect(try GatewayTime(moment).date == moment)
        #expect(try OffsetTime(moment, offsetMinutes: 480).text.hasSuffix("+08:00"))
        #expect(try OffsetTime(moment, offsetMinutes: 480).date == moment)
        #expect(throws: TaxRefundError.self) { try GatewayTime(Date(timeIntervalSince1970: -1)) }
        #expect(throws: TaxRefundError.self) { try GatewayTime(Date(timeIntervalSince1970: .nan)) }
        #expect(throws: TaxRefundError.self) { try GatewayTime("tomorrow").date }
    }

    @Test func what_is_wrong_is_told_in_the_names_of_swift_and_in_two_languages() async throws {
        let sandbox = try Sandbox()
        var request = try refund("WRONG-1", passport: "E12345678")
        request.identifyAccountNo = ""
        let error = try await thrown(TaxRefundError.self) { try await sandbox.client().payTaxRefund(request) }
        guard case .invalidRequest(let operation, let violations) = error.kind else { throw Unexpected(error) }
        #expect(operation == "alipay.pay_tax_refund")
        #expect(Set(violations.map(\.path)) == ["outOrderNo", "identifyAccountNo"])
        #expect(error.message.contains("outOrderNo"))
        #expect(error.description(in: .chinese).contains("请求有2处问题"))
        #expect(error.description(in: .english).contains("2 problems"))
        #expect(error.localizedDescription == error.description(in: .preferred))
        #expect(!printed(error).contains("E12345678"))
        #expect(try await sandbox.requests().isEmpty)
    }

    @Test func paths_are_those_of_the_members() {
        #expect(swiftPath("merchants.0.merchantMCC") == "merchants[0].merchantMcc")
        #expect(swiftPath("tax_refund_currency") == "taxRefundAmount.currency")
        #expect(swiftPath("goods.2.out_order_no") == "goods[2].out_order_no")
        #expect(swiftPath("") == "")
    }

    @Test func two_versions_do_not_work_together_and_both_are_named() async throws {
        let error = try await thrown(TaxRefundError.self) { try agree(package: "0.1.0", native: "0.2.0") }
        #expect(error.kind == .versionMismatch(package: "0.1.0", native: "0.2.0"))
        for language in Language.allCases {
            let text = error.description(in: language)
            #expect(text.contains("0.1.0") && text.contains("0.2.0"))
        }
    }

    @Test func every_step_is_explained_in_both_languages() throws {
        for step in NextStep.allCases {
            #expect(try explain(step, in: .english).clerk != explain(step, in: .chinese).clerk)
        }
        #expect(try explain("ACQ.SYSTEM_ERROR", in: .english).isEmpty == explain("ACQ.SYSTEM_ERROR", in: .chinese).isEmpty)
        #expect(try explain("timeout", in: .chinese).first?.protocol == nil)
        #expect(try explain("NO_SUCH_CODE").isEmpty)
        #expect(
            Language.of(["zh-Hans-CN", "en"]) == .chinese && Language.of(["en-SG"]) == .english && Language.of([]) == .english)
    }
}
