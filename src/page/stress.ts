/** The script of the page of a load: all else is in the page already. */
import { themeButton } from "./theme.ts";

document.getElementById("top")?.append(themeButton(() => undefined));
