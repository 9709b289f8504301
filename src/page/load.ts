/** The data of the page: compressed, in a part of the file that is no script. */
import type { PageData } from "../render/page/data.ts";
import { unpacked } from "../render/page/packed.ts";

/** @throws Error where the file is damaged, or the browser too old */
export async function loadData(element: HTMLElement): Promise<PageData> {
  const text = atob(element.textContent ?? "");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return unpacked(await new Response(stream).json());
}
