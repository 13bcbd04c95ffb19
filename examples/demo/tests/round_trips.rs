//! Every operation and every kind of notification, against the simulator: two implementations of the same pages.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use support::{gateway, header_signed, options, own_key, transport};
use taxrefund_core::alipay::{
    Charset, Config, ExchangeAuthCodeRequest, PayTaxRefundRequest, Platform, QueryTaxRefundRequest,
    QueryUserInfoRequest,
};
use taxrefund_core::alipay_plus::{
    ConfirmOriginalCreditRequest, CreateOriginalCreditRequest, EvaluateOriginalCreditRequest,
    InquireOriginalCreditRequest, Merchant, PaymentMethod, User,
};
use taxrefund_core::antom::{InquireRefundRequest, RefundRequest};
use taxrefund_core::keys::{Certificate, RootBundle};
use taxrefund_core::notification::{Known, Merge, Settlement};
use taxrefund_core::{Amount, Notification, Outcome, Profile, alipay, alipay_plus, antom};
use taxrefund_sandbox::{FaultMix, Sandbox};

fn sandbox() -> Sandbox {
    Sandbox::builder().seed(1).faults(FaultMix::none()).run_for(Duration::from_secs(120)).start().unwrap()
}

fn succeeded<R: std::fmt::Debug>(outcome: Outcome<R>) -> R {
    match outcome {
        Outcome::Succeeded(done) => done.response,
        other => panic!("{other:?}"),
    }
}

fn pay(order: &str) -> PayTaxRefundRequest {
    PayTaxRefundRequest {
        out_order_no: order.into(),
        identify_account_type: "barcode".into(),
        identify_account_no: "281234567890123456".into(),
        tax_refund_currency: "SGD".into(),
        tax_refund_amount: "10000".into(),
        company_name: Some("退税 Refunds & Co".into()),
        ..PayTaxRefundRequest::default()
    }
}

fn credit(id: &str) -> CreateOriginalCreditRequest {
    CreateOriginalCreditRequest {
        original_credit_request_id: id.into(),
        payer_amount: Amount::minor("EUR", 1_000),
        payee: User { user_id: Some("210220900000021958205".into()), ..User::default() },
        scenario_type: "TAX_REFUND".into(),
        sub_scenario_type: "PORT_INSTANT_TAX_REFUND".into(),
        payer: vec![Merchant { reference_merchant_id: "M1".into(), ..Merchant::default() }],
        tax_refund_form_number: format!("F{id}"),
        departure_region: "DE".into(),
        departure_port: "001".into(),
        total_sales_amount: Amount::minor("EUR", 9_000),
        ..CreateOriginalCreditRequest::default()
    }
}

fn refund(id: &str) -> RefundRequest {
    RefundRequest {
        refund_request_id: id.into(),
        payment_id: format!("P{id}"),
        refund_amount: Amount::minor("USD", 100),
        ..RefundRequest::default()
    }
}

#[test]
fn the_gateways_operations_work_in_public_key_mode_in_certificate_mode_and_in_gbk() {
    let sandbox = sandbox();
    let given = &sandbox.credentials().alipay;
    let certificates = Platform::Certificates {
        app: Certificate::load(given.app_certificate_pem.as_bytes()).unwrap(),
        alipay: Certificate::load_chain(given.platform_certificate_pem.as_bytes()).unwrap(),
        root: RootBundle::load(given.root_certificates_pem.as_bytes()).unwrap(),
    };
    let by_certificate = Config {
        app_id: given.certificate_app_id.clone(),
        merchant_key: own_key(&given.partner_private_key_pem),
        platform: certificates,
        ..gateway(&sandbox)
    };
    let gbk = Config { charset: Charset::Gbk, ..gateway(&sandbox) };
    for (at, config) in [gateway(&sandbox), by_certificate, gbk].into_iter().enumerate() {
        let client = alipay::Client::over(config, transport()).unwrap().with(options());
        let order = format!("ORDER{at}");
        let paid = succeeded(client.pay_tax_refund(&pay(&order)).unwrap());
        let asked =
            succeeded(client.query_tax_refund(&QueryTaxRefundRequest { out_order_no: order }).unwrap());
        assert_eq!((asked.status.as_deref(), asked.tax_no), (Some("S"), paid.tax_no));
        let account = QueryUserInfoRequest {
            identify_account_type: "barcode".into(),
            identify_account_no: "281234567890123456".into(),
        };
        assert_eq!(succeeded(client.query_user_info(&account).unwrap()).eligible, Some(true));
        let code = ExchangeAuthCodeRequest {
            grant_type: "authorization_code".into(),
            code: Some("4b203fe6c11548bcabd8da5bb087a83b".into()),
            refresh_token: None,
        };
        assert!(succeeded(client.exchange_auth_code(&code).unwrap()).user_id.unwrap().starts_with("2088"));
    }
    assert_eq!(sandbox.ledger().totals.paid_times, 3);
}

#[test]
fn alipay_plus_operations_work() {
    let sandbox = sandbox();
    let config = header_signed(&sandbox.credentials().alipay_plus);
    let client = alipay_plus::Client::over(config, transport()).unwrap().with(options());
    let credit = credit("oct-1");
    let question = EvaluateOriginalCreditRequest {
        payer_amount: Amount::minor("EUR", 0),
        payer: credit.payer.clone(),
        payee_method: PaymentMethod {
            payment_method_type: "CONNECT_WALLET".into(),
            payment_method_id: "281012345678901234".into(),
            ..PaymentMethod::default()
        },
        evaluation_type: "BY_CODE".into(),
        scenario_type: credit.scenario_type.clone(),
        sub_scenario_type: credit.sub_scenario_type.clone(),
        departure_region: "DE".into(),
    };
    assert!(succeeded(client.evaluate_original_credit(&question).unwrap()).payee.unwrap().user_id.is_some());
    let created = succeeded(client.create_original_credit(&credit).unwrap());
    let id = InquireOriginalCreditRequest {
        original_credit_request_id: Some("oct-1".into()),
        original_credit_id: None,
    };
    let inquired = succeeded(client.inquire_original_credit(&id).unwrap());
    assert_eq!(inquired.original_credit_result.unwrap()["resultStatus"], "S");
    assert_eq!(inquired.original_credit_id, created.original_credit_id);
    let id = ConfirmOriginalCreditRequest {
        original_credit_request_id: None,
        original_credit_id: created.original_credit_id,
    };
    succeeded(client.confirm_original_credit(&id).unwrap());
    assert_eq!(sandbox.ledger().totals.paid_times, 1);
}

#[test]
fn antoms_operations_work_on_both_paths() {
    let sandbox = sandbox();
    let given = &sandbox.credentials().antom;
    let plain = antom::Config { client_id: given.plain_client_id.clone(), ..header_signed(given) };
    for (id, config) in [("r-1", header_signed(given)), ("r-2", plain)] {
        let client = antom::Client::over(config, transport()).unwrap();
        let refunded = succeeded(client.refund(&refund(id)).unwrap());
        let question =
            InquireRefundRequest { refund_request_id: Some(id.into()), ..InquireRefundRequest::default() };
        let inquired = succeeded(client.inquire_refund(&question).unwrap());
        assert_eq!(inquired.refund_status.as_deref(), Some("SUCCESS"));
        assert_eq!(inquired.refund_id, refunded.refund_id);
    }
}

/// Receives notifications, answers each as the profile says, and hands them on.
fn receive(profile: Profile) -> (String, mpsc::Receiver<Notification>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify?shop=7", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            while let Some((path, headers, body)) = read_request(&mut connection) {
                let reply = match profile.notification(&path, &headers, &body, 1_795_395_723_123) {
                    Ok(notification) => {
                        let reply = notification.reply.clone();
                        let _ = sender.send(notification);
                        reply
                    }
                    Err(refused) => refused.reply,
                };
                let mut answer =
                    format!("HTTP/1.1 {} OK\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
                for (name, value) in &reply.headers {
                    answer.push_str(&format!("{name}: {value}\r\n"));
                }
                if connection.write_all(format!("{answer}\r\n{}", reply.body).as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    (url, receiver)
}

type Request = (String, Vec<(String, String)>, Vec<u8>);

fn read_request(connection: &mut TcpStream) -> Option<Request> {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"\r\n\r\n") {
        match connection.read(&mut byte) {
            Ok(1) => seen.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(seen).unwrap();
    let mut lines = head.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?.1.parse().ok()?;
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    Some((path, headers, body))
}

/// The notification of `key`, and whether the simulator took the reply for the acknowledgement that its pages ask for.
fn acknowledged(sandbox: &Sandbox, received: &mpsc::Receiver<Notification>, key: &str) -> Notification {
    let notification = received.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(notification.key.as_deref(), Some(key));
    assert_eq!(notification.merge(Known::Open), Merge::Settles(Settlement::Succeeded));
    let is_acknowledged = || {
        sandbox
            .notifications()
            .iter()
            .any(|sent| sent.key == key && sent.kind == "genuine" && sent.acknowledged)
    };
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while !is_acknowledged() && std::time::Instant::now() < until {
        thread::yield_now();
    }
    assert!(is_acknowledged(), "{:?}", sandbox.notifications());
    notification
}

#[test]
fn genuine_notifications_are_acknowledged_and_forged_ones_before_them_are_not_believed() {
    let sandbox = sandbox();
    let credentials = sandbox.credentials();

    let (url, received) = receive(alipay::profile(gateway(&sandbox)).unwrap());
    let config = Config { notify_url: Some(url), ..gateway(&sandbox) };
    let client = alipay::Client::over(config, transport()).unwrap().with(options());
    sandbox.provoke("NOTIFY1", "notification-forged").unwrap();
    let paid = succeeded(client.pay_tax_refund(&pay("NOTIFY1")).unwrap());
    assert_eq!(acknowledged(&sandbox, &received, "NOTIFY1").reference, paid.tax_no);

    let config = header_signed(&credentials.alipay_plus);
    let (url, received) = receive(alipay_plus::profile(config.clone()).unwrap());
    let client = alipay_plus::Client::over(config, transport()).unwrap().with(options());
    sandbox.provoke("notify-2", "notification-forged").unwrap();
    let credit = CreateOriginalCreditRequest { payer_notification_url: Some(url), ..credit("notify-2") };
    let paid = succeeded(client.create_original_credit(&credit).unwrap());
    assert_eq!(acknowledged(&sandbox, &received, "notify-2").reference, paid.original_credit_id);

    let config = header_signed(&credentials.antom);
    let (url, received) = receive(antom::profile(config.clone()).unwrap());
    let client = antom::Client::over(config, transport()).unwrap().with(options());
    sandbox.provoke("notify-3", "notification-forged").unwrap();
    let refund = RefundRequest { refund_notify_url: Some(url), ..refund("notify-3") };
    let paid = succeeded(client.refund(&refund).unwrap());
    assert_eq!(acknowledged(&sandbox, &received, "notify-3").reference, paid.refund_id);
}
