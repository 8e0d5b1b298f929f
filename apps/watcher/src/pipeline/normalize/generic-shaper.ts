import type { GenericData, GenericValue } from '@livetap/contracts';
import type { CommonMessageData, Text as WireText, User as WireUser } from '@livetap/connector';
import { type FieldPlan, type MessagePlan, type PersonPlan, planMessage } from './generic-rule.js';
import { personFrom, user } from './people.js';
import { count, enumName, imageUrl, localizedText, type WireImage } from './values.js';

type WireObject = Readonly<Record<string, unknown>>;

/** Shapes any decoded message by the generic rule. Plans are made once for each type. */
export class GenericShaper {
  readonly #plans = new Map<string, MessagePlan>();

  /** @throws Error when proto/webcast has no such type (a fault of the caller, not retryable). */
  shape(typeName: string, message: object): GenericData {
    return this.#message(this.#plan(typeName), message as WireObject);
  }

  #plan(typeName: string): MessagePlan {
    let plan = this.#plans.get(typeName);
    if (plan === undefined) {
      plan = planMessage(typeName);
      if (plan === undefined) throw new Error(`No message type ${typeName}`);
      this.#plans.set(typeName, plan);
    }
    return plan;
  }

  #message(plan: MessagePlan, message: WireObject): Record<string, GenericValue> {
    const data: Record<string, GenericValue> = {};
    if (plan.person !== undefined) {
      const person = personOf(plan.person, message);
      if (person !== undefined) data['user'] = person as unknown as GenericValue;
    }
    for (const field of plan.fields) {
      const value = message[field.wire];
      if (value === undefined) continue;
      const shaped = this.#field(field, value);
      if (shaped !== undefined) data[field.out] = shaped;
    }
    return data;
  }

  #field(field: FieldPlan, value: unknown): GenericValue | undefined {
    if (field.shape === 'list') {
      const list: GenericValue[] = [];
      for (const item of value as readonly unknown[]) {
        const shaped = this.#value(field, item, true);
        if (shaped !== undefined) list.push(shaped);
      }
      return list.length === 0 ? undefined : list;
    }
    if (field.shape === 'map') {
      const entries: Record<string, GenericValue> = {};
      let any = false;
      for (const [key, item] of Object.entries(value as WireObject)) {
        const shaped = this.#value(field, item, true);
        if (shaped === undefined || key === '__proto__') continue;
        entries[key] = shaped;
        any = true;
      }
      return any ? entries : undefined;
    }
    return this.#value(field, value, false);
  }

  /** `keep`: within lists and maps a default value has a meaning of its own and stays. */
  #value(field: FieldPlan, value: unknown, keep: boolean): GenericValue | undefined {
    switch (field.kind) {
      case 'text':
        return keep || value !== '' ? (value as string) : undefined;
      case 'integer':
        return keep || value !== '0' ? (value as string) : undefined;
      case 'flag':
        return keep || value === true ? (value as boolean) : undefined;
      case 'number':
        return keep || value !== 0 ? count(value as number) : undefined;
      case 'float':
        return (keep || value !== 0) && Number.isFinite(value) ? (value as number) : undefined;
      case 'enum':
        return keep || value !== 0 ? enumName(field.type, value as number) : undefined;
      case 'user':
        return user(value as WireUser) as unknown as GenericValue | undefined;
      case 'image':
        return imageUrl(value as WireImage);
      case 'localized':
        return localizedText(value as WireText) as unknown as GenericValue | undefined;
      case 'header':
        return localizedText((value as CommonMessageData).displayText) as unknown as GenericValue | undefined;
      case 'message': {
        const shaped = this.#message(this.#plan(field.type), value as WireObject);
        return keep || hasMembers(shaped) ? shaped : undefined;
      }
    }
  }
}

function hasMembers(object: object): boolean {
  for (const _ in object) return true;
  return false;
}

function personOf(plan: PersonPlan, message: WireObject) {
  return personFrom({
    id: textOf(message, plan.id),
    idText: textOf(message, plan.idText),
    uniqueId: textOf(message, plan.uniqueId),
    nickname: textOf(message, plan.nickname),
    avatar: plan.avatar === undefined ? undefined : (message[plan.avatar] as WireImage | undefined),
  });
}

function textOf(message: WireObject, field: string | undefined): string {
  const value = field === undefined ? undefined : message[field];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
