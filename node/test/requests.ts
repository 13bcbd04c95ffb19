/** Requests that are right, for tests of this package's own layer. */
import { Money, type alipay, type alipayPlus, type antom } from "taxrefund";

export const BARCODE = "281234567890123456";

export function alipayRequest(key: string, changes: object = {}): alipay.PayTaxRefundRequest {
  return {
    outOrderNo: key,
    identifyAccountType: "barcode",
    identifyAccountNo: BARCODE,
    taxRefundAmount: Money.parse("100.00", "SGD"),
    docId: `DOC${key}`,
    ...changes,
  };
}

export function merchant(changes: object = {}): alipayPlus.Merchant {
  return {
    referenceMerchantId: "SHOP1",
    merchantName: "Shop",
    merchantMcc: "5411",
    merchantAddress: { region: "SG" },
    ...changes,
  };
}

export function formRequest(form: string, changes: object = {}): alipayPlus.SyncTaxRefundFormRequest {
  return {
    taxRefundFormNumber: form,
    formStatus: "REFUNDED",
    taxRefundAmount: Money.parse("40.00", "EUR"),
    merchants: [merchant()],
    userId: "210220990000000000001",
    ...changes,
  };
}

export function antomRequest(key: string, changes: object = {}): antom.RefundRequest {
  return {
    refundRequestId: key,
    paymentId: "2026100119074101000700000008",
    refundAmount: Money.parse("5.00", "USD"),
    ...changes,
  };
}
