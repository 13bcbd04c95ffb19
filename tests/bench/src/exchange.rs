//! One successful call of each protocol: a typical request, its account, and the platform's signed answer.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use taxrefund_core::alipay_plus::{Address, Merchant, SyncTaxRefundForm, SyncTaxRefundFormRequest};
use taxrefund_core::antom::{Refund, RefundRequest};
use taxrefund_core::form_status::FormStatus;
use taxrefund_core::{
    Amount, Error, Event, Flow, HttpResponse, HttpTransport, MerchantKey, Now, Operation, Outcome, Policy,
    Prepared, Profile, Sensitive, Step, TransportConfig, alipay, alipay_plus, antom,
};

use crate::keys::Keys;

pub(crate) const APP_ID: &str = "2014072300007148";
pub(crate) const CLIENT_ID: &str = "5Y00000000000001";
/// Where nothing listens: offline, an endpoint is only written into requests.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A call that the benchmark makes over and over.
pub(crate) trait Exchange {
    type Operation: Operation;
    type Client;

    /// The path below the host at which it arrives.
    const PATH: &'static str;

    fn request() -> <Self::Operation as Operation>::Request;

    /// What the platform answers.
    fn answer(keys: &Keys) -> Result<HttpResponse>;

    /// A client whose platform is at `host` (`http://address:port`).
    fn client(keys: &Keys, host: &str, transport: HttpTransport) -> Result<Self::Client>;

    fn profile(client: &Self::Client) -> &Profile;

    /// Through the client's own method, as a host program does it.
    fn call(client: &Self::Client, request: &<Self::Operation as Operation>::Request) -> Result<bool, Error>;
}

/// The whole call but the network: request checked, frozen, signed; answer verified, parsed, classified, typed.
pub(crate) fn offline<E: Exchange>(keys: &Keys) -> Result<impl FnMut() -> Result<()> + use<E>> {
    let client = E::client(keys, NOWHERE, transport()?)?;
    let (request, answer) = (E::request(), E::answer(keys)?);
    let now = |ms| Now { monotonic: Duration::from_millis(ms), epoch_ms: 1_795_395_723_000 + ms };
    Ok(move || {
        let profile = E::profile(&client);
        let prepared = Prepared::new::<E::Operation>(profile, &request)?;
        let mut flow = Flow::new(profile.clone(), prepared, Policy::default(), 7)?;
        let Step::Send(_) = flow.advance(Event::Start, now(0))? else { bail!("nothing was sent") };
        match flow.advance(Event::Answered(answer.clone()), now(90))? {
            Step::Done(outcome) => {
                let outcome = outcome.typed::<<E::Operation as Operation>::Response>();
                ensure!(matches!(outcome, Outcome::Succeeded(_)), "{:?}", outcome.reason());
                Ok(())
            }
            other => bail!("not over: {other:?}"),
        }
    })
}

/// The same over HTTP, by the blocking client over a connection that is kept.
pub(crate) fn loopback<E: Exchange>(keys: &Keys, host: &str) -> Result<impl FnMut() -> Result<()> + use<E>> {
    let client = E::client(keys, host, transport()?)?;
    let request = E::request();
    Ok(move || {
        ensure!(E::call(&client, &request)?, "the call did not succeed");
        Ok(())
    })
}

fn transport() -> Result<HttpTransport> {
    Ok(HttpTransport::new(TransportConfig { no_proxy: true, ..TransportConfig::default() })?)
}

/// `alipay.pay_tax_refund`.
pub(crate) struct Pay;

impl Exchange for Pay {
    type Operation = alipay::PayTaxRefund;
    type Client = alipay::Client;

    const PATH: &'static str = "/gateway.do";

    fn request() -> alipay::PayTaxRefundRequest {
        let text = |text: &str| Some(text.to_owned());
        alipay::PayTaxRefundRequest {
            out_order_no: "0005520171122115751".to_owned(),
            identify_account_type: "barcode".to_owned(),
            identify_account_no: Sensitive::from("281234567890123456"),
            tax_refund_currency: "SGD".to_owned(),
            tax_refund_amount: "10000".to_owned(),
            user_received_currency: text("CNY"),
            country_code: text("SG"),
            departure_point: text("Changi Airport Terminal 3"),
            doc_id: text("DOC20171122115751"),
            tax_refund_print_date: text("2026-10-20 10:05:11"),
            confirm_date: text("2026-11-23 08:41:30"),
            sales_date: text("2026-10-20 10:01:54"),
            sales_currency: text("SGD"),
            sales_amount: text("150000"),
            nationality: text("CN"),
            passport_no: Some(Sensitive::from("E12345678")),
            passport_name: Some(Sensitive::from("ZHANG SAN")),
            company_name: text("Example Tax Refund Pte. Ltd."),
            ..alipay::PayTaxRefundRequest::default()
        }
    }

    fn answer(keys: &Keys) -> Result<HttpResponse> {
        let content = r#"{"code":"10000","msg":"Success","tax_no":"2026112321001004550200315498"}"#;
        let sign = STANDARD.encode(keys.platform_signature(content.as_bytes())?);
        let body = format!(r#"{{"alipay_overseas_tax_order_pay_response":{content},"sign":"{sign}"}}"#);
        Ok(answer(Vec::new(), "text/html;charset=utf-8", body))
    }

    fn client(keys: &Keys, host: &str, transport: HttpTransport) -> Result<alipay::Client> {
        let merchant = MerchantKey::Private(keys.merchant.clone());
        let platform = alipay::Platform::PublicKey(keys.platform.clone());
        let config = alipay::Config {
            endpoint: Some(format!("{host}{}", Self::PATH)),
            ..alipay::Config::new(APP_ID, merchant, platform)
        };
        Ok(alipay::Client::over(config, Arc::new(transport))?)
    }

    fn profile(client: &alipay::Client) -> &Profile {
        client.profile()
    }

    fn call(client: &alipay::Client, request: &alipay::PayTaxRefundRequest) -> Result<bool, Error> {
        Ok(matches!(client.pay_tax_refund(request)?, Outcome::Succeeded(_)))
    }
}

/// `antom.refund`.
pub(crate) struct RefundPayment;

impl Exchange for RefundPayment {
    type Operation = Refund;
    type Client = antom::Client;

    const PATH: &'static str = "/ams/api/v1/payments/refund";

    fn request() -> RefundRequest {
        RefundRequest {
            refund_request_id: "refund-20261123-0001".to_owned(),
            payment_id: "20261123194010800100188000000000001".to_owned(),
            refund_amount: Amount::minor("SGD", 10_000),
            reference_refund_id: Some("form-DOC20171122115751".to_owned()),
            refund_reason: Some("Tax refund at Changi Airport".to_owned()),
            refund_notify_url: Some("https://merchant.example/antom/notify".to_owned()),
            ..RefundRequest::default()
        }
    }

    fn answer(keys: &Keys) -> Result<HttpResponse> {
        let body = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success."},"refundRequestId":"refund-20261123-0001","refundId":"20261123194010801300188000000000002","paymentId":"20261123194010800100188000000000001","refundAmount":{"currency":"SGD","value":"10000"},"refundTime":"2026-11-23T09:02:05+08:00"}"#;
        header_signed(keys, Self::PATH, antom::string_to_sign, body)
    }

    fn client(keys: &Keys, host: &str, transport: HttpTransport) -> Result<antom::Client> {
        let merchant = MerchantKey::Private(keys.merchant.clone());
        let config = antom::Config::new(CLIENT_ID, merchant, keys.platform.clone(), host);
        Ok(antom::Client::over(config, Arc::new(transport))?)
    }

    fn profile(client: &antom::Client) -> &Profile {
        client.profile()
    }

    fn call(client: &antom::Client, request: &RefundRequest) -> Result<bool, Error> {
        Ok(matches!(client.refund(request)?, Outcome::Succeeded(_)))
    }
}

/// `alipay_plus.sync_tax_refund_form`.
pub(crate) struct SyncForm;

impl Exchange for SyncForm {
    type Operation = SyncTaxRefundForm;
    type Client = alipay_plus::Client;

    const PATH: &'static str = "/aps/api/v1/funds/syncTaxRefundForm";

    fn request() -> SyncTaxRefundFormRequest {
        let text = |text: &str| Some(text.to_owned());
        SyncTaxRefundFormRequest {
            tax_refund_form_number: "DOC20171122115751".to_owned(),
            form_status: FormStatus::Stamped,
            status_change_time: text("2026-11-23T08:41:30+08:00"),
            form_print_date: text("2026-10-20T10:05:11+08:00"),
            form_expire_date: None,
            tax_refund_amount: Amount::minor("SGD", 10_000),
            merchants: vec![Merchant {
                reference_merchant_id: "M0000000001".to_owned(),
                merchant_name: text("Example Department Store"),
                merchant_mcc: text("5311"),
                merchant_address: Some(Address {
                    region: "SG".to_owned(),
                    city: text("Singapore"),
                    address1: text("1 Orchard Road"),
                    ..Address::default()
                }),
                ..Merchant::default()
            }],
            user_id: "2160220042000000".to_owned(),
            memo: None,
        }
    }

    fn answer(keys: &Keys) -> Result<HttpResponse> {
        let body = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;
        header_signed(keys, Self::PATH, alipay_plus::string_to_sign, body)
    }

    fn client(keys: &Keys, host: &str, transport: HttpTransport) -> Result<alipay_plus::Client> {
        let merchant = MerchantKey::Private(keys.merchant.clone());
        let config = alipay_plus::Config::new(CLIENT_ID, merchant, keys.platform.clone(), host);
        Ok(alipay_plus::Client::over(config, Arc::new(transport))?)
    }

    fn profile(client: &alipay_plus::Client) -> &Profile {
        client.profile()
    }

    fn call(client: &alipay_plus::Client, request: &SyncTaxRefundFormRequest) -> Result<bool, Error> {
        Ok(matches!(client.sync_tax_refund_form(request)?, Outcome::Succeeded(_)))
    }
}

type StringToSign = fn(&str, &str, &str, &str, &[u8]) -> Vec<u8>;

fn header_signed(keys: &Keys, path: &str, string_to_sign: StringToSign, body: &str) -> Result<HttpResponse> {
    const TIME: &str = "2026-11-23T09:02:05+08:00";
    let signed = string_to_sign("POST", path, CLIENT_ID, TIME, body.as_bytes());
    let signature = antom::SignatureHeader::write(&keys.platform_signature(&signed)?, 1);
    let headers = vec![
        ("client-id".to_owned(), CLIENT_ID.to_owned()),
        ("response-time".to_owned(), TIME.to_owned()),
        ("signature".to_owned(), signature),
    ];
    Ok(answer(headers, "application/json; charset=UTF-8", body.to_owned()))
}

/// With the headers that every server sends.
fn answer(mut headers: Vec<(String, String)>, content_type: &str, body: String) -> HttpResponse {
    for (name, value) in [
        ("date", "Mon, 23 Nov 2026 01:02:05 GMT"),
        ("server", "bench"),
        ("content-type", content_type),
        ("content-length", &body.len().to_string()),
        ("cache-control", "no-cache"),
        ("connection", "keep-alive"),
    ] {
        headers.push((name.to_owned(), value.to_owned()));
    }
    HttpResponse { status: 200, headers, body: body.into_bytes() }
}
