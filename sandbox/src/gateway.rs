//! The open gateway's envelope: `POST /gateway.do`, signed parameters in, a signed JSON member out (gateway sheet, 2-3).

use std::collections::BTreeMap;

use encoding_rs::{Encoding, GBK, UTF_8};
use hyper::StatusCode;
use percent_encoding::percent_decode;
use serde_json::{Value, json};

use crate::alipay;
use crate::clock;
use crate::codes::gateway_refusal;
use crate::delivery::{Incoming, Reply, tampered, text_of};
use crate::interface::{Interface, Protocol};
use crate::scenario::Scenario;
use crate::world::World;

/// The parameters of one request, decoded once; values are bytes in the request's charset.
pub(crate) struct Params {
    values: BTreeMap<String, Vec<u8>>,
    repeated: bool,
    charset: &'static Encoding,
}

impl Params {
    fn of(query: &[u8], body: &[u8]) -> Self {
        let mut params = Self { values: BTreeMap::new(), repeated: false, charset: UTF_8 };
        for pair in query.split(|b| *b == b'&').chain(body.split(|b| *b == b'&')).filter(|p| !p.is_empty()) {
            let mut halves = pair.splitn(2, |b| *b == b'=');
            let name = String::from_utf8_lossy(&decoded(halves.next().unwrap_or_default())).into_owned();
            let value = decoded(halves.next().unwrap_or_default());
            params.repeated |= params.values.insert(name, value).is_some();
        }
        params
    }

    /// The text of a parameter that is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let bytes = self.values.get(name).filter(|value| !value.is_empty())?;
        let text = self.charset.decode_without_bom_handling_and_without_replacement(bytes)?;
        Some(text.into_owned())
    }

    pub(crate) fn bytes(&self, name: &str) -> &[u8] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Section 3.1: all parameters but `sign`, without empty ones, sorted, values undecoded from their charset.
    fn text_to_sign(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(1024);
        for (name, value) in
            self.values.iter().filter(|(n, v)| *n != "sign" && !n.is_empty() && !v.is_empty())
        {
            if !text.is_empty() {
                text.push(b'&');
            }
            text.extend_from_slice(name.as_bytes());
            text.push(b'=');
            text.extend_from_slice(value);
        }
        text
    }
}

/// How an answer is wrapped and signed.
struct Envelope<'a> {
    root: String,
    charset: &'static Encoding,
    sha1: bool,
    certificate_sn: Option<&'a str>,
}

const ERROR_ROOT: &str = "error_response";

pub(crate) fn handle(world: &World, request: &Incoming) -> Reply {
    let asked = match request.asked_faults() {
        Ok(asked) => asked,
        Err(reply) => return reply,
    };
    let mut params = Params::of(request.query().as_bytes(), &request.body);
    let own = &world.credentials.alipay;
    let app_id = match params.text("app_id") {
        Some(app_id) if app_id == own.app_id || app_id == own.certificate_app_id => app_id,
        Some(_) => return unsigned(&gateway_refusal("40002", "isv.invalid-app-id", "无效的AppID参数")),
        None => return unsigned(&gateway_refusal("40001", "isv.missing-app-id", "缺少AppID参数")),
    };
    let method = params.text("method").unwrap_or_default();
    let interface = Interface::of_wire_name(Protocol::Alipay, &method);
    let in_certificate_mode = app_id == own.certificate_app_id;
    let mut envelope = Envelope {
        root: interface.map_or(ERROR_ROOT.to_owned(), |_| format!("{}_response", method.replace('.', "_"))),
        charset: UTF_8,
        sha1: false,
        certificate_sn: in_certificate_mode.then_some(own.alipay_cert_sn.as_str()),
    };
    if let Err(refusal) = authenticate(world, &mut params, &mut envelope, in_certificate_mode) {
        return rendered(world, &envelope, &refusal, None);
    }
    let Some(interface) = interface else {
        let refusal = gateway_refusal("40002", "isv.invalid-method", "不存在的方法名");
        return rendered(world, &envelope, &refusal, None);
    };
    let carried = alipay::carry_out(world, interface, &app_id, asked, &params);
    // The token interface reports failures under the common root (gateway sheet, 3.3).
    if interface == Interface::Token && carried.object.get("code").is_some() {
        ERROR_ROOT.clone_into(&mut envelope.root);
    }
    let mut reply = rendered(world, &envelope, &carried.object, carried.plan.delivery);
    reply.jobs = carried.jobs;
    reply
}

/// The checks before any business, in the gateway's order.
fn authenticate(
    world: &World,
    params: &mut Params,
    envelope: &mut Envelope<'_>,
    in_certificate_mode: bool,
) -> Result<(), Value> {
    let missing = |sub_code| Err(gateway_refusal("40001", sub_code, "缺少参数"));
    let invalid = |sub_code| Err(gateway_refusal("40002", sub_code, "参数无效"));
    params.charset = match params.text("charset").unwrap_or_default().to_ascii_lowercase().as_str() {
        "utf-8" => UTF_8,
        "gbk" | "gb2312" => GBK,
        _ => return invalid("isv.invalid-charset"),
    };
    envelope.charset = params.charset;
    if params.repeated {
        return invalid("isv.invalid-parameter");
    }
    for (name, sub_code) in [
        ("method", "isv.missing-method"),
        ("sign", "isv.missing-signature"),
        ("sign_type", "isv.missing-signature-type"),
        ("timestamp", "isv.missing-timestamp"),
        ("version", "isv.missing-version"),
    ] {
        if params.bytes(name).is_empty() {
            return missing(sub_code);
        }
    }
    if in_certificate_mode {
        let own = &world.credentials.alipay;
        for (name, own, sub_code) in [
            ("app_cert_sn", &own.app_cert_sn, "app-cert-sn"),
            ("alipay_root_cert_sn", &own.alipay_root_cert_sn, "alipay-root-cert-sn"),
        ] {
            match params.text(name) {
                None => return missing(&format!("isv.missing-{sub_code}")),
                Some(given) if given != *own => return invalid(&format!("isv.invalid-{sub_code}")),
                Some(_) => {}
            }
        }
    }
    envelope.sha1 = match params.bytes("sign_type") {
        b"RSA2" => false,
        b"RSA" if world.settings.allow_rsa_sha1 => true,
        b"RSA" => {
            return Err(gateway_refusal(
                "40003",
                "isv.missing-signature-config",
                "应用未配置对应签名算法的公钥",
            ));
        }
        _ => return invalid("isv.invalid-signature-type"),
    };
    let text = params.text_to_sign();
    let sign = params.text("sign").unwrap_or_default();
    let partner = &world.alipay.partner;
    let verified =
        if envelope.sha1 { partner.verifies_sha1(&text, &sign) } else { partner.verifies(&text, &sign) };
    if !verified {
        let (text, _) = params.charset.decode_without_bom_handling(&text);
        let shown = text.replace('&', "&amp;").replace('"', "&quot;");
        let message = format!(
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：{shown}"
        );
        return Err(gateway_refusal("40002", "isv.invalid-signature", &message));
    }
    if !params.text("timestamp").is_some_and(|t| clock::is_wall_clock(&t)) {
        return invalid("isv.invalid-timestamp");
    }
    if params.bytes("version") != b"1.0" {
        return invalid("isv.invalid-version");
    }
    if params.text("format").is_some_and(|f| !f.eq_ignore_ascii_case("json")) {
        return invalid("isv.invalid-format");
    }
    Ok(())
}

fn rendered(world: &World, envelope: &Envelope<'_>, object: &Value, delivery: Option<Scenario>) -> Reply {
    if let Some(reply) = Reply::without_answer(delivery) {
        return reply;
    }
    if delivery == Some(Scenario::UnsignedRefusal) {
        return unsigned(&gateway_refusal("40002", "isv.invalid-app-id", "无效的AppID参数"));
    }
    let charset = if delivery == Some(Scenario::Gbk) { GBK } else { envelope.charset };
    let root = match delivery {
        Some(Scenario::OtherMethod) => "alipay_overseas_tax_order_other_response",
        _ => envelope.root.as_str(),
    };
    let text = text_of(&altered(object, delivery), delivery);
    let (signed, _, _) = match delivery {
        Some(Scenario::UnescapedSignature) => {
            let unescaped = text.replace(r"\/", "/");
            let (bytes, used, bad) = charset.encode(&unescaped);
            (bytes.into_owned().into(), used, bad)
        }
        _ => charset.encode(&text),
    };
    let keys = &world.alipay;
    let sign = match delivery {
        Some(Scenario::UnsignedSuccess) => None,
        Some(Scenario::StrangerKey | Scenario::ForgedSuccess | Scenario::ForgedFailure) => {
            keys.stranger.sign(&signed)
        }
        Some(Scenario::PartnerKey) => keys.partner_private.sign(&signed),
        Some(Scenario::Sha1Signed) => keys.platform.sign_sha1(&signed),
        _ if envelope.sha1 => keys.platform.sign_sha1(&signed),
        _ => keys.platform.sign(&signed),
    };
    let sign = sign.map(|sign| match delivery {
        Some(Scenario::SignatureWithoutTime) => sign.get(..sign.len() / 2).unwrap_or_default().to_owned(),
        Some(Scenario::TimeWithoutSignature) => String::new(),
        _ => sign,
    });
    let text = if delivery == Some(Scenario::Tampered) { tampered(&text) } else { text };
    let (gap, line) = if delivery == Some(Scenario::Whitespace) { (" ", "\n  ") } else { ("", "") };
    let mut body = format!("{{{line}\"{root}\"{gap}:{gap}{text}");
    if let Some(serial) = envelope.certificate_sn {
        body.push_str(&format!(",\"alipay_cert_sn\":\"{serial}\""));
    }
    if let Some(sign) = sign {
        body.push_str(&format!("{gap},{line}\"sign\"{gap}:{gap}\"{sign}\""));
    }
    if delivery == Some(Scenario::RepeatedRoot) {
        let forged = json!({"code": "10000", "msg": "Success", "status": "S", "tax_no": "FORGED"});
        body.push_str(&format!(",\"{root}\":{forged}"));
    }
    body.push('}');
    let (body, _, _) = charset.encode(&body);
    let content_type = if charset == GBK { "text/html;charset=GBK" } else { "text/html;charset=utf-8" };
    Reply::new(StatusCode::OK, content_type, body.into_owned()).altered(delivery, &world.settings)
}

/// Forgeries about what happened, and answers about somebody else.
fn altered(object: &Value, delivery: Option<Scenario>) -> Value {
    let mut object = object.clone();
    match delivery {
        Some(Scenario::ForgedFailure) if object.get("status").is_some() => object["status"] = json!("F"),
        Some(Scenario::ForgedFailure) => return gateway_refusal("40004", "TAX_REFUND_FAILED", "退税失败"),
        Some(Scenario::OtherOrder) if object.get("out_order_no").is_some() => {
            object["out_order_no"] = json!("SOMEBODYELSES0001");
        }
        _ => {}
    }
    object
}

fn unsigned(refusal: &Value) -> Reply {
    let body = json!({ ERROR_ROOT: refusal }).to_string();
    Reply::new(StatusCode::OK, "text/html;charset=utf-8", body)
}

/// Form decoding, once: `+` is a space.
fn decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    percent_decode(&spaced).collect()
}
