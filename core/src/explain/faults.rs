//! What it means when a request brought no result, and what to do. For money all of these say the same: not known.

/// The words for one fault of the transport or of the answer's verification.
pub(crate) struct FaultText {
    /// The fault's stable name, for instance `half_signed`.
    pub(crate) fault: &'static str,
    pub(crate) meaning_en: &'static str,
    pub(crate) action_en: &'static str,
    pub(crate) meaning_zh: &'static str,
    pub(crate) action_zh: &'static str,
}

/// Sorted by fault (byte order), each fault once.
#[rustfmt::skip]
pub(crate) static FAULT_TEXTS: &[FaultText] = &[
    FaultText {
        fault: "bad_signature",
        meaning_en: "The answer carries a signature, but it does not fit these bytes and the platform's key.",
        action_en: "Believe nothing in the answer. Check that the platform's public key (not your own) and the environment are right; the same request is repeated or queried.",
        meaning_zh: "应答带有签名，但与报文字节及平台公钥不符。",
        action_zh: "不要采信该应答。确认配置的是平台公钥（而非自己的公钥）且环境正确；同一请求将被重发或查询。",
    },
    FaultText {
        fault: "cancelled",
        meaning_en: "The call was cancelled by this side. What was already sent may still be carried out.",
        action_en: "Keep the order number and resume the same refund later; it begins with a query.",
        meaning_zh: "调用由本方取消，已发出的请求仍可能被执行。",
        action_zh: "保留订单号，稍后恢复同一退税，从查询开始。",
    },
    FaultText {
        fault: "charset",
        meaning_en: "The answer's bytes do not fit the character set that was agreed.",
        action_en: "Check the configured character set (UTF-8, or GBK for some accounts); the same request is repeated or queried.",
        meaning_zh: "应答字节与约定的字符集不符。",
        action_zh: "检查配置的字符集（UTF-8，部分账户为 GBK）；同一请求将被重发或查询。",
    },
    FaultText {
        fault: "connect_failed",
        meaning_en: "No connection to the platform could be made. An earlier attempt may still have arrived.",
        action_en: "Check the network, the firewall and the address. The same request is repeated with the same order number.",
        meaning_zh: "无法连接到平台，此前的尝试仍可能已送达。",
        action_zh: "检查网络、防火墙和地址。同一请求以同一订单号重发。",
    },
    FaultText {
        fault: "deadline",
        meaning_en: "The time allowed for the whole refund ran out before a final answer came.",
        action_en: "Keep the order number and resume the same refund; do not treat it as failed.",
        meaning_zh: "在得到最终答复之前，整笔退税的时限已到。",
        action_zh: "保留订单号并恢复同一退税，不要视为失败。",
    },
    FaultText {
        fault: "dns",
        meaning_en: "The platform's host name could not be resolved.",
        action_en: "Check the name server and the configured address. The same request is repeated with the same order number.",
        meaning_zh: "无法解析平台的主机名。",
        action_zh: "检查域名服务器和配置的地址。同一请求以同一订单号重发。",
    },
    FaultText {
        fault: "duplicate_key",
        meaning_en: "The answer repeats a key, so that it can be read in two ways.",
        action_en: "Believe nothing in the answer and keep its bytes as evidence. The same request is repeated or queried; report it to support if it happens again.",
        meaning_zh: "应答中有重复的键，可有两种解读。",
        action_zh: "不要采信该应答，保留原始字节作为证据。同一请求将被重发或查询；若再次发生，请上报支持部门。",
    },
    FaultText {
        fault: "half_signed",
        meaning_en: "Only one of the signature and the response time arrived; something on the way removed the other.",
        action_en: "Look for proxies that strip headers. The same request is repeated or queried.",
        meaning_zh: "签名与响应时间只收到其一，另一项可能在途中被删除。",
        action_zh: "检查是否有代理删除了响应头。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "http_status",
        meaning_en: "The answer came with an HTTP status other than 200.",
        action_en: "Note the status, and check the address and any proxy. It proves nothing about the money; the same request is repeated or queried.",
        meaning_zh: "应答的 HTTP 状态不是 200。",
        action_zh: "记下状态码，检查地址和代理。它不能说明款项结果；同一请求将被重发或查询。",
    },
    FaultText {
        fault: "malformed",
        meaning_en: "The answer is JSON, but not an answer of this protocol.",
        action_en: "Check the address and what stands between us and the platform. The same request is repeated or queried.",
        meaning_zh: "应答是 JSON，但不符合本协议的格式。",
        action_zh: "检查地址以及与平台之间的中间设备。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "not_json",
        meaning_en: "The answer is no JSON, for example a web page of a proxy or a maintenance page.",
        action_en: "Check the address and what stands between us and the platform. The same request is repeated or queried.",
        meaning_zh: "应答不是 JSON，例如代理或维护网页。",
        action_zh: "检查地址以及与平台之间的中间设备。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "other_client",
        meaning_en: "The answer is signed, but for another client id.",
        action_en: "Believe nothing in the answer. Check the client id and its key; the same request is repeated or queried.",
        meaning_zh: "应答有签名，但属于另一个客户端编号。",
        action_zh: "不要采信该应答。检查客户端编号及其密钥；同一请求将被重发或查询。",
    },
    FaultText {
        fault: "other_method",
        meaning_en: "The answer is signed, but belongs to another interface.",
        action_en: "Believe nothing in the answer, and look for a cache or proxy that mixes up answers. The same request is repeated or queried.",
        meaning_zh: "应答有签名，但属于另一个接口。",
        action_zh: "不要采信该应答，检查是否有缓存或代理混淆了应答。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "other_request",
        meaning_en: "The answer is signed, but it is about another request: its order number, amount or account is not ours.",
        action_en: "Believe nothing in the answer and keep its bytes as evidence. The same request is repeated or queried; report it to support if it happens again.",
        meaning_zh: "应答有签名，但针对另一笔请求：订单号、金额或账户与本请求不符。",
        action_zh: "不要采信该应答，保留原始字节作为证据。同一请求将被重发或查询；若再次发生，请上报支持部门。",
    },
    FaultText {
        fault: "proxy",
        meaning_en: "The proxy refused the connection or could not be reached.",
        action_en: "Check the proxy's address and credentials. The same request is repeated with the same order number.",
        meaning_zh: "代理拒绝连接或无法访问。",
        action_zh: "检查代理地址和凭据。同一请求以同一订单号重发。",
    },
    FaultText {
        fault: "redirect",
        meaning_en: "The answer points to another address. Redirects are never followed.",
        action_en: "Check the configured address and any login page of the network. The same request is repeated or queried.",
        meaning_zh: "应答要求转到其他地址，本系统从不跟随重定向。",
        action_zh: "检查配置的地址，以及网络是否有登录页面。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "refused",
        meaning_en: "The other side refused the connection. An earlier attempt may still have arrived.",
        action_en: "Check address, port and firewall. The same request is repeated with the same order number.",
        meaning_zh: "对方拒绝连接，此前的尝试仍可能已送达。",
        action_zh: "检查地址、端口和防火墙。同一请求以同一订单号重发。",
    },
    FaultText {
        fault: "reset",
        meaning_en: "The connection broke after it was made. The request may have been carried out.",
        action_en: "Do nothing by hand: the same request is repeated or queried. Never enter it anew.",
        meaning_zh: "连接建立后中断，请求可能已被执行。",
        action_zh: "无需人工操作：同一请求将被重发或查询。切勿重新录入。",
    },
    FaultText {
        fault: "signer_failed",
        meaning_en: "The signing service gave no usable signature, so this attempt was not sent. An earlier attempt may have been.",
        action_en: "Check the key store or signing service, then resume the same refund; it keeps its order number.",
        meaning_zh: "签名服务未给出可用签名，本次未发送；此前的尝试可能已发送。",
        action_zh: "检查密钥库或签名服务，然后恢复同一退税，沿用原订单号。",
    },
    FaultText {
        fault: "timeout",
        meaning_en: "No answer came in time. The request may have been carried out: this is the most common case of a paid refund without an answer.",
        action_en: "Do nothing by hand: the same request is repeated or queried. Never enter it anew and never call it failed.",
        meaning_zh: "未按时收到应答，请求可能已被执行：这是已付款却无应答的最常见情形。",
        action_zh: "无需人工操作：同一请求将被重发或查询。切勿重新录入，也不要视为失败。",
    },
    FaultText {
        fault: "tls",
        meaning_en: "No secure connection could be made, usually because of a certificate.",
        action_en: "Check the clock, the certificate authorities and any inspecting proxy; never turn verification off. The same request is repeated or queried.",
        meaning_zh: "无法建立安全连接，通常是证书问题。",
        action_zh: "检查时钟、根证书和做流量检查的代理，切勿关闭校验。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "too_deep",
        meaning_en: "The answer is nested more deeply than any answer of the platform.",
        action_en: "Believe nothing in the answer and keep its bytes as evidence. The same request is repeated or queried.",
        meaning_zh: "应答的嵌套层数超过平台应答应有的深度。",
        action_zh: "不要采信该应答，保留原始字节作为证据。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "too_large",
        meaning_en: "The answer is larger than the limit and was cut off.",
        action_en: "Check the address and what stands between us and the platform. The same request is repeated or queried.",
        meaning_zh: "应答超过大小上限，已被截断。",
        action_zh: "检查地址以及与平台之间的中间设备。同一请求将被重发或查询。",
    },
    FaultText {
        fault: "unsigned",
        meaning_en: "The answer carries no signature, so nobody knows who wrote it.",
        action_en: "Believe nothing in it about the money. If it names a configuration fault, correct that; then the same refund is resumed with its order number.",
        meaning_zh: "应答没有签名，无法确认由谁发出。",
        action_zh: "不要采信其中关于款项的内容。若指出配置问题，请修正，然后以原订单号恢复同一退税。",
    },
];

#[cfg(test)]
mod tests {
    use super::FAULT_TEXTS;

    #[test]
    fn faults_are_sorted_unique_and_written_in_both_languages() {
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        assert!(FAULT_TEXTS.is_sorted_by(|a, b| a.fault < b.fault), "sorted by fault, each once");
        for entry in FAULT_TEXTS {
            assert!(!entry.fault.trim().is_empty());
            for english in [entry.meaning_en, entry.action_en] {
                assert!(!english.trim().is_empty() && !english.chars().any(is_chinese), "{}", entry.fault);
            }
            for chinese in [entry.meaning_zh, entry.action_zh] {
                assert!(chinese.chars().any(is_chinese), "{}", entry.fault);
            }
        }
    }
}
