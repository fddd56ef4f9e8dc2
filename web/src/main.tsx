// The page begins: who is there, what is going on, and then the views.
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/parts.css";
import { Mark } from "./ui/icon";

const root = document.getElementById("app");

if (root !== null) {
    root.replaceChildren();
    render(<h1 class="brand"><Mark /> UsenetSync</h1>, root);
}
