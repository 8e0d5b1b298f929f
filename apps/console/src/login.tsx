import { useApi, useAccess } from './data/use-api.js';
import { Field } from './ui/field.js';
import { formText } from './ui/form-text.js';

/** Asks for a key when the service demands one. */
export function Login() {
  const api = useApi();
  const { hasKey } = useAccess();
  return (
    <section class="login card" aria-labelledby="login-title">
      <img src="/icon.svg" alt="" width="44" height="44" />
      <h1 id="login-title">This service asks for a key</h1>
      <p>Whoever runs it gives you one. It is kept in this browser tab only and is gone when you close it.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          api.useKey(formText(event.currentTarget)('key'));
        }}
      >
        <Field label="API key">
          {(ids) => <input {...ids} name="key" type="password" autocomplete="off" spellcheck={false} required />}
        </Field>
        {hasKey && (
          <p class="failure" role="alert">
            The key that was given is not known to the service.
          </p>
        )}
        <button type="submit" class="primary">
          Use this key
        </button>
      </form>
    </section>
  );
}
