package taxrefund;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import taxrefund.alipay.AlipayClient;
import taxrefund.alipay.PayTaxRefundRequest;
import taxrefund.alipay.PayTaxRefundResponse;

/** Everything from Java, without a coroutine in sight. */
class JavaCallersTest {
    private static Sandbox sandbox;

    @BeforeAll
    static void begin() {
        sandbox = new Sandbox("none");
    }

    @AfterAll
    static void end() {
        sandbox.close();
    }

    private static PayTaxRefundRequest refund(String key) {
        return PayTaxRefundRequest.builder()
            .outOrderNo(key)
            .identifyAccountType("barcode")
            .identifyAccountNo("281234567890123456")
            .taxRefundAmount(Money.parse("100.00", "SGD"))
            .taxRefundPrintDate(Instant.parse("2026-11-01T00:00:00Z"))
            .build();
    }

    private static AlipayClient client(Transport transport) {
        Policy policy = new Policy(3, null, null, 1);
        return new AlipayClient(sandbox.account(new SoftwareKey(
            sandbox.alipay("partner_private_key_pem"), KeyInApp.CAN_BE_EXTRACTED)), null, transport, policy);
    }

    @Test
    void aRefundIsPaidByAThreadThatWaits() {
        Outcome<PayTaxRefundResponse> outcome = client(new HttpTransport()).blocking().payTaxRefund(refund("JAVA1"));
        assertTrue(outcome.getOrThrow().getTaxNo().length() > 0);
        assertEquals(1, sandbox.paid("JAVA1"));
    }

    @Test
    void aRefundIsPaidByAFuture() {
        Outcome<PayTaxRefundResponse> outcome = client(new HttpTransport()).futures().payTaxRefund(refund("JAVA2")).join();
        assertInstanceOf(Outcome.Succeeded.class, outcome);
        assertEquals(1, sandbox.paid("JAVA2"));
    }

    @Test
    void aCancelledFutureEndsWithAnUnknownOutcomeThatIsResumed() throws InterruptedException {
        CountDownLatch sending = new CountDownLatch(1);
        Transport stuck = Transport.blocking(request -> {
            sending.countDown();
            Thread.sleep(60_000);
            return null;
        });
        CompletableFuture<Outcome<PayTaxRefundResponse>> future = client(stuck).futures().payTaxRefund(refund("JAVA3"));
        sending.await();
        assertTrue(future.cancel(true));
        Outcome.Unknown unknown = assertInstanceOf(Outcome.Unknown.class, future.join());
        Outcome<?> resumed = client(new HttpTransport()).blocking().resume(OpenRefund.of(unknown.getOpen().getText()));
        assertInstanceOf(Outcome.Succeeded.class, resumed);
        assertEquals(1, sandbox.paid("JAVA3"));
    }

    @Test
    void anInterruptEndsTheWaitAndStays() throws InterruptedException {
        CountDownLatch sending = new CountDownLatch(1);
        Transport stuck = Transport.future(request -> {
            sending.countDown();
            return new CompletableFuture<>();
        });
        CompletableFuture<Outcome<PayTaxRefundResponse>> seen = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Outcome<PayTaxRefundResponse> outcome = client(stuck).blocking().payTaxRefund(refund("JAVA4"));
            if (Thread.currentThread().isInterrupted()) seen.complete(outcome);
            else seen.completeExceptionally(new AssertionError("the interrupt is lost"));
        });
        thread.start();
        sending.await();
        thread.interrupt();
        assertInstanceOf(Outcome.Unknown.class, seen.join());
    }

    @Test
    void aTransportThatGivesNothingIsABrokenConnection() {
        Outcome<PayTaxRefundResponse> outcome = client(Transport.blocking(request -> null)).blocking().payTaxRefund(refund("JAVA5"));
        assertInstanceOf(Outcome.Unknown.class, outcome);
    }

    @Test
    void aBuilderNamesEverythingThatIsMissing() {
        InvalidRequestException thrown =
            assertThrows(InvalidRequestException.class, () -> PayTaxRefundRequest.builder().outOrderNo("A").build());
        assertEquals(3, thrown.getViolations().size());
    }

    @Test
    void aJournalServesJavaToo() {
        SealingKey key = SealingKey.of(new byte[32]);
        try (Journal journal = Journal.openBlocking(TemporaryKt.temporaryFile(), key)) {
            AlipayClient client = sandbox.client(new ExternalKey(sandbox.alipay("partner_public_key_pem"), Signer.blocking(
                message -> Signing.sign(sandbox.alipay("partner_private_key_pem"), message))), journal, new HttpTransport(),
                Sandbox.Companion.getFAST(), null);
            client.blocking().payTaxRefund(refund("JAVA6")).getOrThrow();
            assertEquals(1, journal.blocking().counts().getSucceeded());
            assertTrue(journal.blocking().openRefunds().isEmpty());
        }
    }
}
