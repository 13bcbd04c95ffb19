package taxrefund.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import taxrefund.KeyInApp;
import taxrefund.Language;
import taxrefund.Money;
import taxrefund.Outcome;
import taxrefund.SoftwareKey;
import taxrefund.TaxRefundException;
import taxrefund.alipay.AlipayAccount;
import taxrefund.alipay.AlipayClient;
import taxrefund.alipay.AlipayEnvironment;
import taxrefund.alipay.AlipayPlatform;
import taxrefund.alipay.PayTaxRefundRequest;
import taxrefund.alipay.PayTaxRefundResponse;

/** Pays one refund from Java: {@code PayOne FOLDER ORDER CODE AMOUNT CURRENCY}; the folder is that of the counter. */
public final class PayOne {
    private PayOne() {}

    /** The program. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        AlipayAccount account = new AlipayAccount(
            Files.readString(folder.resolve("app_id")).trim(),
            new SoftwareKey(Files.readString(folder.resolve("merchant_private_key.pem")), KeyInApp.CAN_BE_EXTRACTED),
            new AlipayPlatform.PublicKey(Files.readString(folder.resolve("alipay_public_key.pem"))),
            AlipayEnvironment.SANDBOX,
            Files.readString(folder.resolve("gateway_url")).trim());
        PayTaxRefundRequest request = PayTaxRefundRequest.builder()
            .outOrderNo(args[1])
            .identifyAccountType("barcode")
            .identifyAccountNo(args[2])
            .taxRefundAmount(Money.parse(args[3], args[4]))
            .build();
        try {
            Outcome<PayTaxRefundResponse> outcome = new AlipayClient(account).blocking().payTaxRefund(request);
            if (outcome instanceof Outcome.Succeeded) {
                System.out.println("paid under " + ((Outcome.Succeeded<PayTaxRefundResponse>) outcome).getReference());
            } else if (outcome instanceof Outcome.Failed) {
                System.out.println("not paid: " + ((Outcome.Failed) outcome).getReason());
            } else {
                // Money may have moved: keep it and resume it, never start it anew.
                System.out.println("not known; keep this: " + ((Outcome.Unknown) outcome).getOpen().getText());
            }
        } catch (TaxRefundException problem) {
            System.out.println(problem.text(Language.ENGLISH));
        }
    }
}
