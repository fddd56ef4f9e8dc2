// The page begins: who is there, what is going on, and then the views.
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/parts.css";
import { beginSession } from "./api/login";
import { App } from "./app";
import { followAddress } from "./lib/route";
import { showTheme, theme } from "./state/theme";

const root = document.getElementById("app");

showTheme(theme.get());
followAddress();
if (root !== null) {
    root.replaceChildren();
    render(<App />, root);
}
void beginSession();
