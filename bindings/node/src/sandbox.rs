//! The simulator.

use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi_derive::napi;
use taxrefund_bindings::{Problem, sandbox};

use crate::problem::Result;
use crate::threads::at_the_disk;

type Running = Arc<Mutex<Option<taxrefund_sandbox::Sandbox>>>;

/// A simulator of the gateways that runs in a thread of its own until it is stopped or dropped.
#[napi]
pub struct Sandbox {
    running: Running,
    base_url: String,
    credentials: String,
}

impl Sandbox {
    fn with<'env, T>(
        &self,
        env: &'env Env,
        work: impl FnOnce(&taxrefund_sandbox::Sandbox) -> Result<T, Problem> + Send + 'static,
    ) -> Result<Object<'env>>
    where
        T: ToNapiValue + Send + 'static,
    {
        let running = self.running.clone();
        at_the_disk(env, move || {
            let running = running.lock().unwrap_or_else(PoisonError::into_inner);
            running.as_ref().map_or_else(|| Err(Problem::configuration("sandbox", "was stopped")), work)
        })
    }
}

#[napi]
impl Sandbox {
    #[napi]
    pub fn start<'env>(env: &'env Env, options_json: String) -> Result<Object<'env>> {
        at_the_disk(env, move || {
            let running = sandbox::start(&options_json)?;
            Ok(Self {
                base_url: running.base_url().to_owned(),
                credentials: sandbox::credentials(&running),
                running: Arc::new(Mutex::new(Some(running))),
            })
        })
    }

    #[napi(getter)]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    #[napi(getter)]
    pub fn credentials(&self) -> &str {
        &self.credentials
    }

    #[napi(getter)]
    pub fn is_running(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().is_some_and(taxrefund_sandbox::Sandbox::is_running)
    }

    #[napi]
    pub fn ledger<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.with(env, |running| Ok(sandbox::ledger(running)))
    }

    #[napi]
    pub fn requests<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.with(env, |running| Ok(sandbox::requests(running)))
    }

    #[napi]
    pub fn notifications<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.with(env, |running| Ok(sandbox::notifications(running)))
    }

    #[napi]
    pub fn provoke<'env>(&self, env: &'env Env, key: String, rules: String) -> Result<Object<'env>> {
        self.with(env, move |running| Ok(running.provoke(&key, &rules)?))
    }

    #[napi]
    pub fn add_payment<'env>(&self, env: &'env Env, payment_json: String) -> Result<Object<'env>> {
        self.with(env, move |running| sandbox::add_payment(running, &payment_json))
    }

    #[napi]
    pub fn reset<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.with(env, |running| {
            running.reset();
            Ok(())
        })
    }

    #[napi]
    pub fn stop<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let running = self.running.clone();
        at_the_disk(env, move || {
            let running = running.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(running) = running {
                running.stop();
            }
            Ok(())
        })
    }
}
