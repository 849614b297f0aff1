//! What all sessions share: whose mail is taken, and where to.

use asyncore_runtime::tls::ServerTls;

use crate::auth::Users;
use crate::maildir::Maildir;

pub struct Site {
    /// Whose mail is taken: the first is this server's name, too.
    pub domains: Vec<String>,
    pub maildir: Maildir,
    pub tls: Option<ServerTls>,
    pub users: Users,
}

impl Site {
    pub fn name(&self) -> &str {
        self.domains.first().map_or("localhost", String::as_str)
    }

    /// Whether there is AUTH at all.
    pub fn has_users(&self) -> bool {
        !self.users.is_empty()
    }

    pub fn is_ours(&self, domain: &str) -> bool {
        self.domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain))
    }
}
