import { type FieldPlan, planMessage } from '../normalize/generic-rule.js';
import { Literal } from './json-bytes.js';
import {
  addressField,
  compiled,
  ItemKind,
  loosePersonStep,
  NOWHERE,
  type ObjectPlan,
  placed,
  type Step,
  step,
  StepKind,
} from './projection-plan.js';
import type { ScanBuilder } from './scan-builder.js';

const USER = new Literal(',"user":');

/** The generic rule of the contract, compiled for the bytes of each message type when the first such message comes. */
export class GenericPlans {
  readonly #plans = new Map<string, ObjectPlan>();

  /**
   * What a nested message shows.
   * @throws Error when proto/webcast has no such type (a fault of the caller, not retryable).
   */
  planOf(typeName: string): ObjectPlan {
    let plan = this.#plans.get(typeName);
    if (plan !== undefined) return plan;
    plan = compiled(typeName, (builder) => genericSteps(builder, typeName));
    this.#plans.set(typeName, plan);
    return plan;
  }
}

/**
 * The steps for a message type by the generic rule. Messages with maps, floats or lists of numbers, which are rare, are refused
 * by the scan.
 * @throws Error when proto/webcast has no such type (a fault of the caller, not retryable).
 */
export function genericSteps(builder: ScanBuilder, typeName: string): readonly Step[] {
  const plan = planMessage(typeName);
  if (plan === undefined) throw new Error(`No message type ${typeName}`);
  const steps: Step[] = [];
  if (plan.person !== undefined) {
    const { id, idText } = plan.person;
    steps.push(loosePersonStep(builder, USER, { ...plan.person, idText: idText === id ? undefined : idText }));
  }
  for (const field of plan.fields) {
    const made = fieldStep(builder, field);
    if (made === undefined) builder.refuse(field.wire);
    else steps.push(made);
  }
  return steps;
}

/** Undefined for what cannot be scanned. */
function fieldStep(builder: ScanBuilder, plan: FieldPlan): Step | undefined {
  if (plan.shape === 'map' || plan.kind === 'float') return undefined;
  const key = new Literal(`,${JSON.stringify(plan.out)}:`);
  if (plan.shape === 'list') return listStep(builder, plan, key);
  if (plan.kind === 'header') {
    return step({ kind: StepKind.localized, key, places: [builder.want(`${plan.wire}.displayText`).place] });
  }
  const wanted = builder.want(plan.wire);
  const places = [wanted.place];
  switch (plan.kind) {
    case 'text':
      return step({ kind: StepKind.text, key, places });
    case 'flag':
      return step({ kind: StepKind.flag, key, ...placed(wanted) });
    case 'number':
      return step({ kind: StepKind.count, key, ...placed(wanted) });
    case 'integer':
      return step({ kind: StepKind.integer, key, ...placed(wanted) });
    case 'enum':
      return step({ kind: StepKind.enum, key, ...placed(wanted), type: plan.type });
    case 'user':
      return step({ kind: StepKind.person, key, places: [NOWHERE, wanted.place] });
    case 'image':
      return step({ kind: StepKind.image, key, places, fields: [addressField(wanted.field)] });
    case 'localized':
      return step({ kind: StepKind.localized, key, places });
    case 'message':
      return step({ kind: StepKind.nested, key, places, type: plan.type });
  }
}

const ITEMS: Readonly<Partial<Record<FieldPlan['kind'], ItemKind>>> = {
  text: ItemKind.text,
  user: ItemKind.person,
  image: ItemKind.image,
  localized: ItemKind.localized,
  message: ItemKind.nested,
};

function listStep(builder: ScanBuilder, plan: FieldPlan, key: Literal): Step | undefined {
  const item = ITEMS[plan.kind];
  if (item === undefined) return undefined;
  const { field, place } = builder.want(plan.wire);
  const fields = item === ItemKind.image ? [field.number, addressField(field)] : [field.number];
  return step({ kind: StepKind.list, key, places: [place], fields, item, type: plan.type });
}
