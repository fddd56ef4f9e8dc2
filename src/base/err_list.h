/* Every error of the program, in one list: its name, its kind (base/err.h), and the sentence a
 * person reads. */
#ifndef BASE_ERR_LIST_H
#define BASE_ERR_LIST_H

/* clang-format off */
#define ERR_LIST(X)                                                                               \
    X(OK, KIND_NONE, "no error")                                                                  \
    /* base and local machine */                                                                  \
    X(ERR_NO_MEMORY, KIND_LOCAL, "there is not enough memory")                                    \
    X(ERR_BUG, KIND_BUG, "internal mistake; please report it with the log")                       \
    X(ERR_CANCELLED, KIND_CANCELLED, "cancelled")                                                 \
    X(ERR_LIMIT, KIND_CORRUPT, "a value is larger than the format allows")                        \
    X(ERR_BAD_FORMAT, KIND_CORRUPT, "the data is not in the expected format")                     \
    X(ERR_TOO_NEW, KIND_USER, "made by a newer version of the program; please update")            \
    X(ERR_DISK_FULL, KIND_LOCAL, "the disk is full")                                              \
    X(ERR_DISK_IO, KIND_LOCAL, "the disk reported an input/output error")                         \
    X(ERR_PERMISSION, KIND_LOCAL, "permission denied")                                            \
    X(ERR_NOT_FOUND, KIND_MISSING, "no such file or directory")                                   \
    X(ERR_EXISTS, KIND_USER, "it exists already")                                                 \
    X(ERR_NOT_DIRECTORY, KIND_USER, "this is a file, not a folder")                               \
    X(ERR_IS_DIRECTORY, KIND_USER, "this is a folder, not a file")                                \
    X(ERR_NOT_EMPTY, KIND_USER, "the target folder is not empty")                                 \
    X(ERR_IN_THE_WAY, KIND_USER, "not everything could be put into the target; the events say what and why") \
    X(ERR_FILE_TOO_LARGE, KIND_LOCAL, "the file is larger than this file system allows")          \
    X(ERR_READ_ONLY, KIND_LOCAL, "the file system is read-only")                                  \
    X(ERR_UNSAFE_PATH, KIND_CORRUPT, "a path would leave its folder")                             \
    X(ERR_CHANGED, KIND_RETRY, "the file changed while it was read")                              \
    X(ERR_TOO_MANY_FILES, KIND_LOCAL, "too many open files")                                      \
    X(ERR_SYSTEM, KIND_LOCAL, "the operating system refused a call")                              \
    X(ERR_LOCKED, KIND_USER, "another daemon is using this state folder")                         \
    X(ERR_HELPER, KIND_LOCAL, "the process that writes into the target could not be started, or ended unexpectedly; what it wrote is kept, and the job can go on") \
    /* network */                                                                                 \
    X(ERR_DNS, KIND_RETRY, "the server's name could not be looked up")                            \
    X(ERR_CONNECT, KIND_RETRY, "the server could not be reached")                                 \
    X(ERR_CONNECTION_LOST, KIND_RETRY, "the connection was lost")                                 \
    X(ERR_TIMEOUT, KIND_RETRY, "the server did not answer in time")                               \
    X(ERR_TLS, KIND_RETRY, "the encrypted connection failed")                                     \
    X(ERR_TLS_CERTIFICATE, KIND_REFUSED, "the server's certificate is not valid for its name")    \
    X(ERR_TLS_NEEDED, KIND_REFUSED, "the server asks for an encrypted connection")                \
    X(ERR_PLAIN_PASSWORD, KIND_USER, "the password would travel unencrypted, and anybody on the way could read it") \
    /* news */                                                                                    \
    X(ERR_PROTOCOL, KIND_RETRY, "the server sent something that is not NNTP")                     \
    X(ERR_NO_ARTICLE, KIND_MISSING, "the server does not have this article")                      \
    X(ERR_DUPLICATE, KIND_REFUSED, "the server already has an article with this id")              \
    X(ERR_REJECTED, KIND_REFUSED, "the server refused the article")                               \
    X(ERR_POSTING_DENIED, KIND_REFUSED, "the server does not permit posting with this account")   \
    X(ERR_LOGIN, KIND_REFUSED, "the server refused the user name or password")                    \
    X(ERR_LOGIN_NEEDED, KIND_REFUSED, "the server asks for a user name and password")             \
    X(ERR_TOO_MANY_CONNECTIONS, KIND_RETRY, "the server says there are too many connections")     \
    X(ERR_TOO_MANY_ADDRESSES, KIND_RETRY, "the account is in use from too many addresses")        \
    X(ERR_SERVER_BUSY, KIND_RETRY, "the server is busy or closing")                               \
    X(ERR_PAUSED, KIND_RETRY, "a news server that might have it is paused")                       \
    X(ERR_ACCOUNT, KIND_REFUSED, "the account is exhausted, expired or blocked")                  \
    X(ERR_NO_GROUP, KIND_REFUSED, "the server does not carry this newsgroup")                     \
    X(ERR_TOO_LONG, KIND_CORRUPT, "the article on the server is longer than any of ours")          \
    X(ERR_TOO_BIG, KIND_REFUSED, "the article is larger than the server accepts")                 \
    X(ERR_ID_CHANGED, KIND_REFUSED, "the server gives articles other ids than ours")              \
    X(ERR_NO_PROVIDER, KIND_USER, "no news server is set up; add one with `usenetsync server add`, or run your own with `usenetsync newsd`") \
    X(ERR_NO_POSTING_PROVIDER, KIND_USER, "no news server is set up to be posted to; give one the role with `usenetsync server add ... --role post,read,confirm`") \
    X(ERR_QUOTA, KIND_REFUSED, "the quota that was set for the news server is used up")            \
    X(ERR_RETRIES_USED_UP, KIND_REFUSED, "the server kept failing; the retries are used up")      \
    /* articles and sealing */                                                                    \
    X(ERR_BAD_YENC, KIND_CORRUPT, "the article is not valid yEnc")                                \
    X(ERR_BAD_CRC, KIND_CORRUPT, "the article arrived damaged")                                   \
    X(ERR_BAD_SEAL, KIND_CORRUPT, "the article's contents are not what was published")            \
    X(ERR_BAD_SIGNATURE, KIND_CORRUPT, "the share's signature is wrong")                          \
    X(ERR_CRYPTO, KIND_BUG, "the crypto library failed")                                          \
    /* recovery */                                                                                \
    X(ERR_TOO_MUCH_LOST, KIND_MISSING, "more is lost than the recovery data can restore")         \
    X(ERR_SINGULAR, KIND_MISSING, "this recovery data does not fit what is lost; more is needed") \
    /* links and shares */                                                                        \
    X(ERR_LINK_TYPO, KIND_USER, "the link has a typing mistake; copy it again")                   \
    X(ERR_LINK_KIND, KIND_USER, "this is another kind of link than the one needed here")          \
    X(ERR_LINK_BAD, KIND_USER, "this is not a UsenetSync link")                                   \
    X(ERR_SHARE_NOT_FOUND, KIND_MISSING, "no share was found for this link on your news server")  \
    X(ERR_NO_VERSION, KIND_MISSING, "this version of the share was not found on your news server") \
    X(ERR_OLDER_VERSION, KIND_MISSING, "a newer version of this share was seen here before, and your news server does not show it now") \
    X(ERR_SHARE_BLOCKED, KIND_MISSING, "this link is blocked; ask for a new one")                 \
    X(ERR_PATH_NOT_IN_SHARE, KIND_USER, "the share has no such path")                             \
    X(ERR_NOT_KEPT, KIND_RETRY, "the news server does not show articles that it accepted; sharing again goes on from here") \
    X(ERR_ARTICLES_LOST, KIND_MISSING, "articles of this share are gone from the server")         \
    X(ERR_NOTHING_TO_SHARE, KIND_USER, "there is nothing to share at this path")                  \
    X(ERR_FORK, KIND_CORRUPT, "two different versions of this share carry the same number")       \
    /* catalogue and jobs */                                                                      \
    X(ERR_STORE, KIND_LOCAL, "the catalogue could not be read or written")                        \
    X(ERR_STORE_CORRUPT, KIND_CORRUPT, "the catalogue is damaged")                                \
    X(ERR_NO_ROW, KIND_MISSING, "there is no such record")                                        \
    X(ERR_NO_JOB, KIND_USER, "there is no such job")                                              \
    X(ERR_JOB_STATE, KIND_USER, "the job is not in a state that allows this")                     \
    X(ERR_BAD_REQUEST, KIND_USER, "the request is not understood")                                \
    X(ERR_NO_SESSION, KIND_USER, "nobody is logged in here, or the session has ended")           \
    X(ERR_LOGIN_LINK, KIND_USER, "this login link is not good any more; each is good once and for one minute") \
    X(ERR_WRONG_PASSWORD, KIND_USER, "this is not the page's password")                           \
    X(ERR_FOREIGN, KIND_USER, "the request came from somewhere else than the daemon's own page")   \
    X(ERR_OUTSIDE, KIND_USER, "this path is outside the folders that the page may use")           \
    X(ERR_PAGE_PASSWORD, KIND_USER, "other machines may reach the web page only when it has a password") \
    X(ERR_PAGE_CERTIFICATE, KIND_LOCAL, "the web page's certificate and key cannot be used")      \
    X(ERR_NO_PAGE, KIND_USER, "the web page is switched off")                                     \
    X(ERR_NO_DAEMON, KIND_LOCAL, "the daemon could not be started or reached")
/* clang-format on */

#endif
