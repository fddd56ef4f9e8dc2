// Nobody can share or get anything without a news server: the first visit says how to come by one.
import { Card, Head, LinkButton } from "../ui/basic";
import { NewsdCommand } from "../ui/newsd_command";

export function FirstVisit() {
    return (
        <>
            <Head title="Welcome to UsenetSync">
                UsenetSync puts a folder on Usenet, encrypted, and gives you one short link. Whoever has the
                link gets the folder back. Three steps, and the first one is the only one that needs something
                from outside.
            </Head>
            <Card title="1. Add your provider">
                <div class="stack">
                    <p>
                        A provider is a company that sells access to Usenet. It gave you the name of a server,
                        a user name and a password. That is all you need here; every setting is explained and
                        tested before it is kept.
                    </p>
                    <div class="row">
                        <LinkButton kind="primary" icon="plus" to="#/providers/add">
                            Add a provider
                        </LinkButton>
                    </div>
                    <details>
                        <summary>I have no provider, I want to try it</summary>
                        <div class="stack">
                            <p>
                                UsenetSync brings a small news server of its own, good for a try and for
                                friends. Run this in a terminal and leave it running:
                            </p>
                            <NewsdCommand />
                            <p>
                                Then add a provider with host <code>127.0.0.1</code>, port <code>1119</code>,
                                without encryption, user name or password. What you share then lies in the
                                folder <code>newsd</code> of this computer and goes nowhere else.
                            </p>
                            <div class="row">
                                <LinkButton icon="plus" to="#/providers/add/newsd">
                                    Add it with these settings
                                </LinkButton>
                            </div>
                        </div>
                    </details>
                </div>
            </Card>
            <Card title="2. Share a folder">
                <p class="muted">
                    Choose it, see what it comes to, watch it go. At the end there is a link, and a QR code of
                    it.
                </p>
            </Card>
            <Card title="3. Get it anywhere">
                <p class="muted">
                    Paste the link on any computer with UsenetSync and any provider: look into it without
                    downloading it, take all or parts.
                </p>
            </Card>
        </>
    );
}
