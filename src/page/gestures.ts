/** Mouse, fingers and wheel on the timeline. A finger that moves up or down scrolls the page, as everywhere. */

export interface GestureActions {
  /** Pixels of the page. */
  readonly pan: (dx: number, dy: number) => void;
  /** `x`: what stays where it is. */
  readonly zoom: (factor: number, x: number) => void;
  readonly hover: (x: number, y: number) => void;
  readonly leave: () => void;
  readonly press: (x: number, y: number) => void;
  /** A wheel that was turned while the timeline has neither the focus nor Ctrl. */
  readonly plainWheel: () => void;
}

/** Less is a click, not a drag. */
const DRAG_FROM = 4;

export function listen(element: HTMLElement, canvas: HTMLCanvasElement, actions: GestureActions): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let moved = 0;
  const place = (event: PointerEvent | WheelEvent) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return a === undefined || b === undefined ? 0 : Math.abs(a.x - b.x);
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, place(event));
    if (pointers.size === 1) moved = 0;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = place(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType !== "touch") actions.hover(at.x, at.y);
      return;
    }
    const distance = spread();
    pointers.set(event.pointerId, at);
    moved += Math.abs(at.x - before.x) + Math.abs(at.y - before.y);
    if (moved < DRAG_FROM) return;
    actions.leave();
    if (pointers.size > 1) {
      const [a, b] = [...pointers.values()];
      const now = spread();
      // Fingers above each other give no scale.
      if (a !== undefined && b !== undefined && distance > 10 && now > 10)
        actions.zoom(now / distance, (a.x + b.x) / 2);
    }
    actions.pan((at.x - before.x) / pointers.size, event.pointerType === "touch" ? 0 : at.y - before.y);
  });
  const end = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId) || event.type === "pointercancel") return;
    const at = place(event);
    if (pointers.size === 0 && moved < DRAG_FROM) actions.press(at.x, at.y);
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => actions.leave());
  canvas.addEventListener(
    "wheel",
    (event) => {
      const isHeld = event.ctrlKey || event.metaKey;
      const sideways = event.shiftKey ? event.deltaY + event.deltaX : event.deltaX;
      if (!isHeld && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
        event.preventDefault();
        actions.pan(-sideways * unit(event), 0);
        return;
      }
      if (!isHeld && !element.contains(document.activeElement)) {
        actions.plainWheel();
        return;
      }
      event.preventDefault();
      const steps = Math.max(-1, Math.min(1, (-event.deltaY * unit(event)) / 200));
      actions.zoom(2 ** (event.ctrlKey ? steps * 2 : steps), place(event).x);
    },
    { passive: false },
  );
}

/** Pixels, lines or pages. */
function unit({ deltaMode }: WheelEvent): number {
  return deltaMode === 0 ? 1 : deltaMode === 1 ? 16 : 400;
}
