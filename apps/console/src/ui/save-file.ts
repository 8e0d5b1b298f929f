/** Browsers read the file some time after the click, and none of them says when it has. */
const READ_WITHIN_MS = 60_000;

/** Hands a file to the browser's downloads. It asks no server and runs no script, so the page's policy has nothing against it. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_WITHIN_MS);
}
