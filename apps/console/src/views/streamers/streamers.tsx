import { useEffect, useMemo, useState } from 'preact/hooks';
import { allStreamers } from '../../api/resources.js';
import type { Streamer } from '../../api/types.js';
import { LIST_FORMATS, streamersFile } from '../../data/exports.js';
import {
  countStates,
  labelsOf,
  select,
  SHOWN_STATES,
  SORTS,
  STATE_WORDS,
  type Selection,
  type Sort,
} from '../../data/streamer-selection.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { counted, whole } from '../../format.js';
import { placeTo, replacePlace, type Place } from '../../router.js';
import { AddDialog } from '../../ui/add-dialog.js';
import { Empty, Failure } from '../../ui/card.js';
import { Downloads } from '../../ui/downloads.js';
import { Icon } from '../../ui/icon.js';
import { ImportDialog } from '../../ui/import-dialog.js';
import { EditDialog, RemoveDialog } from '../../ui/streamer-dialogs.js';
import { VirtualList } from '../../ui/virtual-list.js';
import { SortSelect } from '../../ui/sort-select.js';
import { ChosenBar } from './chosen-bar.js';
import { StreamerRow } from './streamer-row.js';
import { useRowHeight } from './use-row-height.js';
import './streamers.css';

const OFTEN_MS = 3_000;
const SELDOM_MS = 15_000;
/** A long list costs the service a request for each 200. */
const LONG = 400;

function selectionOf({ query }: Place): Selection {
  const state = SHOWN_STATES.find((name) => name === query.get('state')) ?? '';
  const sort = (Object.keys(SORTS) as Sort[]).find((name) => name === query.get('sort')) ?? 'state';
  return { search: query.get('search') ?? '', state, label: query.get('label') ?? '', sort };
}

/** All streamers: find, add, change, stop watching, remove. */
export function Streamers({ place }: { place: Place }) {
  const now = useNow(OFTEN_MS);
  const {
    data: streamers,
    problem,
    reload,
  } = usePoll(allStreamers, (all) => ((all?.length ?? 0) > LONG ? SELDOM_MS : OFTEN_MS));
  const selection = selectionOf(place);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  const [importing, setImporting] = useState(false);
  const [editing, setEditing] = useState<Streamer>();
  const [removing, setRemoving] = useState<readonly string[]>();
  const rowHeight = useRowHeight();

  const all = streamers ?? [];
  const counts = useMemo(() => countStates(all), [streamers]);
  const labels = useMemo(() => labelsOf(all), [streamers]);
  const { search, state, label, sort } = selection;
  const shown = useMemo(() => select(all, selection), [streamers, search, state, label, sort]);
  // What is removed meanwhile is no longer chosen.
  useEffect(() => {
    const known = new Set(all.map(({ uniqueId }) => uniqueId));
    setChosen((before) =>
      [...before].every((id) => known.has(id)) ? before : new Set([...before].filter((id) => known.has(id))),
    );
  }, [streamers]);

  const narrow = (change: Partial<Selection>): void => {
    const { sort: order, ...rest } = { ...selection, ...change };
    replacePlace(placeTo(['streamers'], { ...rest, sort: order === 'state' ? '' : order }));
  };
  const toggle = (uniqueId: string): void => {
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(uniqueId)) after.add(uniqueId);
      return after;
    });
  };

  return (
    <>
      <div class="view-head">
        <h1>Streamers</h1>
        <div class="tool-row">
          <Downloads what="the list of all streamers" formats={LIST_FORMATS} fileOf={streamersFile} />
          <button type="button" onClick={() => setImporting(true)}>
            Import CSV
          </button>
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            <Icon name="plus" /> Add streamers
          </button>
        </div>
      </div>
      <Failure problem={problem} />
      <div class="toolbar">
        <label class="search">
          <span class="hidden">Find a streamer</span>
          <Icon name="search" />
          <input
            type="search"
            placeholder="Name, nickname or label"
            value={search}
            onInput={(event) => narrow({ search: event.currentTarget.value })}
          />
        </label>
        <label class="inline">
          Label
          <select value={label} onChange={(event) => narrow({ label: event.currentTarget.value })}>
            <option value="">Any</option>
            {labels.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <SortSelect sorts={SORTS} value={sort} onChange={(value) => narrow({ sort: value })} />
      </div>
      <div class="chips" role="group" aria-label="States">
        <button type="button" class="chip" aria-pressed={state === ''} onClick={() => narrow({ state: '' })}>
          All <b>{whole(all.length)}</b>
        </button>
        {SHOWN_STATES.filter((name) => counts[name] > 0 || name === state).map((name) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={state === name}
            onClick={() => narrow({ state: name })}
          >
            <span class={`swatch state-${name}`} aria-hidden="true" />
            {STATE_WORDS[name]} <b>{whole(counts[name])}</b>
          </button>
        ))}
      </div>
      <ChosenBar
        chosen={chosen}
        shown={shown.length}
        onAll={() => setChosen(new Set(shown.map(({ uniqueId }) => uniqueId)))}
        onNone={() => setChosen(new Set())}
        onRemove={() => setRemoving([...chosen])}
        onChanged={() => void reload()}
      />
      <p class="hidden" role="status">
        {streamers === undefined ? '' : `${counted(shown.length, 'streamer')} shown`}
      </p>
      {streamers === undefined ? (
        problem === undefined && <p class="loading">Loading …</p>
      ) : all.length === 0 ? (
        <Empty title="No streamers yet">Add the name of one: Livetap notices when they go live.</Empty>
      ) : shown.length === 0 ? (
        <Empty title="Nobody fits">
          <button type="button" onClick={() => narrow({ search: '', state: '', label: '' })}>
            Show all
          </button>
        </Empty>
      ) : (
        <VirtualList
          label="Streamers"
          items={shown}
          keyOf={({ uniqueId }) => uniqueId}
          rowHeight={rowHeight}
          row={(streamer) => (
            <StreamerRow
              streamer={streamer}
              now={now}
              chosen={chosen.has(streamer.uniqueId)}
              onChoose={() => toggle(streamer.uniqueId)}
              onEdit={() => setEditing(streamer)}
              onRemove={() => setRemoving([streamer.uniqueId])}
              onChanged={() => void reload()}
            />
          )}
        />
      )}
      {adding && <AddDialog onClose={() => setAdding(false)} onAdded={() => void reload()} />}
      {importing && <ImportDialog onClose={() => setImporting(false)} onAdded={() => void reload()} />}
      {editing !== undefined && (
        <EditDialog streamer={editing} onClose={() => setEditing(undefined)} onChanged={() => void reload()} />
      )}
      {removing !== undefined && (
        <RemoveDialog uniqueIds={removing} onClose={() => setRemoving(undefined)} onRemoved={() => void reload()} />
      )}
    </>
  );
}
