// pdfjs makes one DOMMatrix while it loads, for drawing, which we never do. Where its optional canvas
// package is missing there is none, and loading would fail. Imported before pdfjs.
function DOMMatrix(): void {
  // Only its existence matters.
}

if (!('DOMMatrix' in globalThis)) Object.assign(globalThis, { DOMMatrix })
