/** Reads fields of a form as trimmed text; a field that is not there, or holds a file, is empty. */
export function formText(form: HTMLFormElement): (name: string) => string {
  const given = new FormData(form);
  return (name) => {
    const value = given.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
}
