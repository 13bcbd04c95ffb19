//! The configuration file of the command `taxrefund`: the simulator's three accounts.

use serde_json::{Value, json};
use taxrefund_sandbox::{Credentials, HeaderCredentials};

pub(crate) fn configuration(credentials: &Credentials) -> Value {
    let header = |protocol: &str, given: &HeaderCredentials| {
        json!({
            "protocol": protocol,
            "client_id": given.client_id,
            "merchant_private_key": given.partner_private_key_pem,
            "platform_public_key": given.platform_public_key_pem,
            "endpoint": given.base_url,
        })
    };
    json!({
        "attempts": 3,
        "timeout": 1,
        // The documented seconds and minutes, shortened for the simulator: 3-10 s become 6-20 ms, two minutes 240 ms.
        "sandbox_wait_permille": 2,
        // The simulator is on this machine: no proxy leads there.
        "no_proxy": true,
        "accounts": {
            "alipay": {
                "protocol": "alipay",
                "environment": "sandbox",
                "app_id": credentials.alipay.app_id,
                "merchant_private_key": credentials.alipay.partner_private_key_pem,
                "alipay_public_key": credentials.alipay.platform_public_key_pem,
                "endpoint": credentials.alipay.gateway_url,
            },
            "alipay_plus": header("alipay_plus", &credentials.alipay_plus),
            "antom": header("antom", &credentials.antom),
        },
    })
}
