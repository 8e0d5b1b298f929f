import { Icon } from '../../ui/icon.js';

/** The first thing to do, for who has just started the service. */
export function Welcome({ onAdd }: { onAdd: () => void }) {
  return (
    <section class="welcome card" aria-labelledby="welcome-title">
      <div>
        <h2 id="welcome-title">Add the first streamer</h2>
        <p>
          Give the names of those you want to watch. Livetap notices when they go live, joins the room, and keeps every
          event that it receives.
        </p>
      </div>
      <button type="button" class="primary" onClick={onAdd}>
        <Icon name="plus" /> Add streamers
      </button>
    </section>
  );
}
