/* The tables. Written in the SQL that SQLite and PostgreSQL share, but for WITHOUT ROWID, BLOB and
 * AUTOINCREMENT (README). A migration that was ever released never changes: add the next one. */
#include "io/store/store_schema.h"

#include <stdio.h>

#include "io/store/query.h"

enum { APPLICATION_ID = 0x55534e31 }; /* "USN1" */

static const char version_1[] =
    "CREATE TABLE catalogue (syncs BIGINT NOT NULL);"
    "INSERT INTO catalogue VALUES (0);"

    "CREATE TABLE shares ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " title TEXT NOT NULL, write_seed BLOB NOT NULL, link_secret BLOB NOT NULL,"
    " created BIGINT NOT NULL, version BIGINT NOT NULL DEFAULT 0,"
    " published BIGINT NOT NULL DEFAULT 0, head_hash BLOB NOT NULL,"
    " entries BIGINT NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 0,"
    " articles BIGINT NOT NULL DEFAULT 0, next_volume BIGINT NOT NULL DEFAULT 1);"

    "CREATE TABLE share_paths ("
    " share BIGINT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,"
    " position BIGINT NOT NULL, path BLOB NOT NULL, name BLOB NOT NULL,"
    " PRIMARY KEY (share, position)) WITHOUT ROWID;"
    "CREATE INDEX share_paths_path ON share_paths (path);"

    "CREATE TABLE versions ("
    " share BIGINT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,"
    " n BIGINT NOT NULL, created BIGINT NOT NULL, head_hash BLOB NOT NULL,"
    " published BIGINT NOT NULL, entries BIGINT NOT NULL, bytes BIGINT NOT NULL,"
    " payload BLOB NOT NULL,"
    " PRIMARY KEY (share, n));"

    /* One scan of a share at a time; the counts are of it, or of the last one. */
    "CREATE TABLE scans ("
    " share BIGINT PRIMARY KEY REFERENCES shares (id) ON DELETE CASCADE,"
    " number BIGINT NOT NULL DEFAULT 0, running BIGINT NOT NULL DEFAULT 0,"
    " ticket BIGINT NOT NULL DEFAULT 0, marks BIGINT NOT NULL DEFAULT 0,"
    " next_folder BIGINT NOT NULL DEFAULT 2,"
    " root_mode BIGINT NOT NULL DEFAULT 493, root_mtime BIGINT NOT NULL DEFAULT 0,"
    " files BIGINT NOT NULL DEFAULT 0, directories BIGINT NOT NULL DEFAULT 0,"
    " symlinks BIGINT NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 0,"
    " changed_files BIGINT NOT NULL DEFAULT 0, changed_bytes BIGINT NOT NULL DEFAULT 0,"
    " changed_entries BIGINT NOT NULL DEFAULT 0, removed BIGINT NOT NULL DEFAULT 0);"

    /* Folders to list. parent 0: ready; else it waits until that folder's listing is whole. The
     * counts are of the pieces of its listing so far; mark is what `seen` becomes in them. */
    "CREATE TABLE scan_queue ("
    " share BIGINT NOT NULL, parent BIGINT NOT NULL, folder BIGINT NOT NULL,"
    " mark BIGINT NOT NULL DEFAULT 0, files BIGINT NOT NULL DEFAULT 0,"
    " directories BIGINT NOT NULL DEFAULT 0, symlinks BIGINT NOT NULL DEFAULT 0,"
    " bytes BIGINT NOT NULL DEFAULT 0, changed_files BIGINT NOT NULL DEFAULT 0,"
    " changed_bytes BIGINT NOT NULL DEFAULT 0,"
    " PRIMARY KEY (share, parent, folder)) WITHOUT ROWID;"

    /* Folders that vanished; their entries go in steps. */
    "CREATE TABLE scan_gone ("
    " share BIGINT NOT NULL, folder BIGINT NOT NULL,"
    " PRIMARY KEY (share, folder)) WITHOUT ROWID;"

    "CREATE TABLE folders ("
    " share BIGINT NOT NULL, id BIGINT NOT NULL, parent BIGINT NOT NULL, name BLOB NOT NULL,"
    " PRIMARY KEY (share, id)) WITHOUT ROWID;"

    /* sent: nothing has to be read for it any more. seen: the mark of the last loose listing. */
    "CREATE TABLE entries ("
    " share BIGINT NOT NULL, folder BIGINT NOT NULL, name BLOB NOT NULL,"
    " type BIGINT NOT NULL, mode BIGINT NOT NULL, size BIGINT NOT NULL,"
    " mtime BIGINT NOT NULL, ctime BIGINT NOT NULL, inode BIGINT NOT NULL,"
    " device BIGINT NOT NULL, child BIGINT NOT NULL, sent BIGINT NOT NULL,"
    " seen BIGINT NOT NULL, target BLOB, extents BLOB,"
    " PRIMARY KEY (share, folder, name)) WITHOUT ROWID;"

    "CREATE TABLE pieces ("
    " share BIGINT NOT NULL, folder BIGINT NOT NULL, name BLOB NOT NULL,"
    " block BIGINT NOT NULL, blocks BIGINT NOT NULL, extents BLOB NOT NULL,"
    " PRIMARY KEY (share, folder, name, block)) WITHOUT ROWID;"

    "CREATE TABLE items ("
    " share BIGINT NOT NULL, id BLOB NOT NULL, extent BLOB NOT NULL,"
    " PRIMARY KEY (share, id)) WITHOUT ROWID;"

    "CREATE TABLE volumes ("
    " share BIGINT NOT NULL, number BIGINT NOT NULL, kind BIGINT NOT NULL,"
    " state BIGINT NOT NULL, version BIGINT NOT NULL, volume_key BLOB NOT NULL,"
    " k BIGINT NOT NULL, m BIGINT NOT NULL,"
    " exceptions BLOB NOT NULL, states BLOB NOT NULL, cids BLOB NOT NULL,"
    " PRIMARY KEY (share, number));"

    "CREATE TABLE jobs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind BIGINT NOT NULL, state BIGINT NOT NULL, priority BIGINT NOT NULL,"
    " attempts BIGINT NOT NULL, share BIGINT NOT NULL, created BIGINT NOT NULL,"
    " started BIGINT NOT NULL, finished BIGINT NOT NULL,"
    " args BLOB NOT NULL, progress BLOB NOT NULL, result BLOB NOT NULL);"
    "CREATE INDEX jobs_state ON jobs (state, priority);"

    "CREATE TABLE events ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " job BIGINT NOT NULL, time_ns BIGINT NOT NULL, level BIGINT NOT NULL, text BLOB NOT NULL);"
    "CREATE INDEX events_job ON events (job, id);"

    "CREATE TABLE providers ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE, host TEXT NOT NULL, port BIGINT NOT NULL,"
    " tls BIGINT NOT NULL, ca_file TEXT NOT NULL, account TEXT NOT NULL,"
    " newsgroup TEXT NOT NULL, connections BIGINT NOT NULL, position BIGINT NOT NULL);";

/* Folders that may hold files to send, so that publishing needs not look at the others. */
static const char version_2[] =
    "CREATE TABLE unsent ("
    " share BIGINT NOT NULL, folder BIGINT NOT NULL,"
    " PRIMARY KEY (share, folder)) WITHOUT ROWID;"
    "INSERT INTO unsent SELECT DISTINCT share, folder FROM entries WHERE sent = 0;"
    /* Shares that were forgotten; what hung on them goes in steps. */
    "CREATE TABLE forgotten (share BIGINT PRIMARY KEY);";

/* Files with several names, found by their inode; and what a share was told to leave out. */
static const char version_3[] =
    "ALTER TABLE entries ADD COLUMN links BIGINT NOT NULL DEFAULT 1;"
    "CREATE INDEX entries_links ON entries (share, device, inode, folder, name) WHERE links > 1;"

    /* A name that goes may have been the one whose bytes are sent: the next one's folder is to be
     * looked at. (The comparison says nothing; without it SQLite does not take the index.) */
    "CREATE TRIGGER entries_name_removed AFTER DELETE ON entries WHEN OLD.links > 1 BEGIN"
    " INSERT INTO unsent (share, folder) SELECT share, folder FROM entries"
    " WHERE share = OLD.share AND device = OLD.device AND inode = OLD.inode AND links > 1"
    " AND (folder, name) > (0, x'') ORDER BY folder, name LIMIT 1 ON CONFLICT (share, folder) DO "
    "NOTHING; END;"
    "CREATE TRIGGER entries_name_changed AFTER UPDATE OF device, inode, links ON entries"
    " WHEN OLD.links > 1 AND (NEW.links <= 1 OR NEW.device <> OLD.device"
    " OR NEW.inode <> OLD.inode) BEGIN"
    " INSERT INTO unsent (share, folder) SELECT share, folder FROM entries"
    " WHERE share = OLD.share AND device = OLD.device AND inode = OLD.inode AND links > 1"
    " AND (folder, name) > (0, x'') ORDER BY folder, name LIMIT 1 ON CONFLICT (share, folder) DO "
    "NOTHING; END;"

    "ALTER TABLE shares ADD COLUMN one_file_system BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE shares ADD COLUMN ignore_rules BLOB NOT NULL DEFAULT x'';";

/* What the server has already, by content. */
static const char version_4[] =
    "CREATE TABLE blocks ("
    " share BIGINT NOT NULL, prefix BIGINT NOT NULL, volume BIGINT NOT NULL,"
    " segment BIGINT NOT NULL,"
    " PRIMARY KEY (share, prefix, volume, segment)) WITHOUT ROWID;"
    "CREATE TABLE objects ("
    " share BIGINT NOT NULL, id BLOB NOT NULL, version BIGINT NOT NULL, pointer BLOB NOT NULL,"
    " PRIMARY KEY (share, id)) WITHOUT ROWID;"
    "DELETE FROM items;"
    "ALTER TABLE items ADD COLUMN volume BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE items ADD COLUMN segment BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE items ADD COLUMN next_segment BIGINT NOT NULL DEFAULT 0;";

/* May a password go out unencrypted? Servers from before the question keep what they had. And
 * shares whose published state is being taken over from their news server. */
static const char version_5[] =
    "ALTER TABLE providers ADD COLUMN plain_password BIGINT NOT NULL DEFAULT 0;"
    "UPDATE providers SET plain_password = 1 WHERE account <> '' AND tls = 0;"
    "ALTER TABLE shares ADD COLUMN adopting BIGINT NOT NULL DEFAULT 0;";

/* How much recovery data a share gets; how its volumes were found to be; what the daemon was told
 * to keep to; and the order of waiting jobs. */
static const char version_6[] =
    "ALTER TABLE shares ADD COLUMN redundancy BIGINT NOT NULL DEFAULT 10;"
    "CREATE TABLE health ("
    " share BIGINT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,"
    " volume BIGINT NOT NULL, checked BIGINT NOT NULL, k BIGINT NOT NULL, m BIGINT NOT NULL,"
    " missing_data BIGINT NOT NULL, missing_parity BIGINT NOT NULL, damaged BIGINT NOT NULL,"
    " deep BIGINT NOT NULL,"
    " PRIMARY KEY (share, volume)) WITHOUT ROWID;"
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    /* position: among jobs of one priority, the smaller first. resume_at: unix seconds at which a
     * paused job goes on by itself, 0: never. */
    "ALTER TABLE jobs ADD COLUMN position BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN resume_at BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE providers ADD COLUMN paused BIGINT NOT NULL DEFAULT 0;";

static const char version_7[] =
    /* head_places: which version's head was sent to a place by day. heads_seen: the newest head of
     * a share that was read here, by the fingerprint of its key. */
    "CREATE TABLE head_places ("
    " share BIGINT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,"
    " day BIGINT NOT NULL, slot BIGINT NOT NULL, version BIGINT NOT NULL,"
    " PRIMARY KEY (share, day, slot)) WITHOUT ROWID;"
    "CREATE TABLE heads_seen (fingerprint BLOB PRIMARY KEY, version BIGINT NOT NULL,"
    " hash BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX jobs_share ON jobs (share, state);"
    /* roles: bits, 0 for all. quota, spent: bytes of articles, quota 0 for none. facts: what a test
     * found out about the server. */
    "ALTER TABLE providers ADD COLUMN roles BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE providers ADD COLUMN quota BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE providers ADD COLUMN spent BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE providers ADD COLUMN facts BLOB NOT NULL DEFAULT x'';";

/* How published shares are looked after. */
static const char version_8[] =
    /* What the last check of contents found: a check by name does not see it. */
    "ALTER TABLE health ADD COLUMN deep_checked BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE health ADD COLUMN deep_data BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE health ADD COLUMN deep_parity BIGINT NOT NULL DEFAULT 0;"
    "CREATE TABLE health_servers ("
    " share BIGINT NOT NULL REFERENCES shares (id) ON DELETE CASCADE, volume BIGINT NOT NULL,"
    " server TEXT NOT NULL, checked BIGINT NOT NULL, asked BIGINT NOT NULL,"
    " missing BIGINT NOT NULL, damaged BIGINT NOT NULL,"
    " PRIMARY KEY (share, volume, server)) WITHOUT ROWID;"
    /* A published share is looked after: when it was checked last, until when the next check is put
     * off; when its head was last posted at a day's address; and whether a version is to be made
     * though nothing is new, so that readers learn of what was posted again. */
    "ALTER TABLE shares ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE shares ADD COLUMN check_after BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE shares ADD COLUMN alive_at BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE shares ADD COLUMN renew BIGINT NOT NULL DEFAULT 0;"
    "CREATE INDEX volumes_healing ON volumes (share) WHERE state = 4;";

static const char *const migrations[] = {
    version_1, version_2, version_3, version_4, version_5, version_6, version_7, version_8};

_Static_assert(sizeof(migrations) / sizeof(migrations[0]) == STORE_SCHEMA_NEWEST,
    "one migration for each version");

static enum err execute(struct store *store, const char *sql)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? OK : store_failed(store, code);
}

static enum err ask(struct store *store, const char *sql, int64_t *value)
{
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    err = query_step(&q);
    if (err == OK) {
        *value = query_get_int(&q);
    }
    query_end(&q);
    return err;
}

/* Is it empty, or a catalogue of ours? Sets its version. */
static enum err recognise(struct store *store, int64_t *version)
{
    static const char ask_version[] = "PRAGMA user_version";
    static const char ask_application[] = "PRAGMA application_id";
    static const char ask_tables[] = "SELECT count(*) FROM sqlite_schema";
    int64_t application = 0, tables = 0;
    enum err err = ask(store, ask_version, version);

    if (err == OK) {
        err = ask(store, ask_application, &application);
    }
    if (err == OK) {
        err = ask(store, ask_tables, &tables);
    }
    if (err != OK) {
        return err;
    }
    if (*version == 0 && tables == 0) {
        return OK;
    }
    return *version <= 0 || application != APPLICATION_ID ? ERR_STORE_CORRUPT : OK;
}

/* Its number lies in the file's header, which the transaction covers too. */
static enum err migrate(struct store *store, int to)
{
    char text[100];
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    err = execute(store, migrations[to - 1]);
    if (err == OK) {
        (void)snprintf(text, sizeof(text), "PRAGMA application_id = %d; PRAGMA user_version = %d",
            (int)APPLICATION_ID, to);
        err = execute(store, text);
    }
    return store_end(store, err);
}

enum err store_schema_upgrade(struct store *store, int version)
{
    int64_t now = 0;
    enum err err;

    store->inside = true; /* nobody else has it yet, and what it is decides whether to write */
    err = recognise(store, &now);
    store->inside = false;
    if (err == OK && now > STORE_SCHEMA_NEWEST) {
        err = ERR_TOO_NEW;
    }
    while (err == OK && now < version) {
        err = migrate(store, (int)++now);
    }
    return err;
}
