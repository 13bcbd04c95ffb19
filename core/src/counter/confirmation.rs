//! Whose account it is, for the traveller to confirm.

use std::fmt;

use serde::Serialize;

use super::mask;
use crate::Sensitive;
use crate::alipay::QueryUserInfoResponse;

/// An account's holder, to be confirmed by the traveller before anything is paid.
///
/// Name and login account are personal data: a screen that others can see shows [`masked`](Self::masked). `Debug` shows
/// no more than that.
///
/// ```
/// use taxrefund_core::alipay::QueryUserInfoResponse;
/// use taxrefund_core::counter::Confirmation;
/// let answer = QueryUserInfoResponse { user_name: Some("张三".into()), ..QueryUserInfoResponse::default() };
/// let confirmation = Confirmation::of(&answer);
/// assert_eq!(confirmation.masked().name.as_deref(), Some("张*"));
/// assert_eq!(confirmation.revealed().name.as_deref(), Some("张三"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmation {
    name: Option<Sensitive>,
    login: Option<Sensitive>,
    user_id: Option<Sensitive>,
}

/// An account's holder in words; `None` where the answer did not say. `Debug` shows it masked, whatever it holds.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The holder's name.
    pub name: Option<String>,
    /// The login account: an e-mail address or a phone number.
    pub login: Option<String>,
    /// Alipay's id of the user (2088…).
    pub user_id: Option<String>,
}

impl Confirmation {
    /// What an answer says about the account's holder. Blank members count as absent.
    #[must_use]
    pub fn of(response: &QueryUserInfoResponse) -> Self {
        let said = |text: &str| Some(Sensitive::from(text.trim())).filter(|text| !text.reveal().is_empty());
        Self {
            name: response.user_name.as_ref().and_then(|name| said(name.reveal())),
            login: response.logon_id.as_ref().and_then(|login| said(login.reveal())),
            user_id: response.user_id.as_deref().and_then(said),
        }
    }

    /// Enough to recognise one's own account by, for a screen that others see too. A value that came masked stays as it is.
    #[must_use]
    pub fn masked(&self) -> Shown {
        self.shown(mask::name, mask::login, mask::user_id)
    }

    /// All of it, for whoever must compare it with a passport. Never log it.
    #[must_use]
    pub fn revealed(&self) -> Shown {
        self.shown(str::to_owned, str::to_owned, str::to_owned)
    }

    fn shown(
        &self,
        name: impl Fn(&str) -> String,
        login: impl Fn(&str) -> String,
        user_id: impl Fn(&str) -> String,
    ) -> Shown {
        Shown {
            name: self.name.as_ref().map(|text| name(text.reveal())),
            login: self.login.as_ref().map(|text| login(text.reveal())),
            user_id: self.user_id.as_ref().map(|text| user_id(text.reveal())),
        }
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Confirmation").field(&self.masked()).finish()
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("name", &self.name.as_deref().map(mask::name))
            .field("login", &self.login.as_deref().map(mask::login))
            .field("user_id", &self.user_id.as_deref().map(mask::user_id))
            .finish()
    }
}
