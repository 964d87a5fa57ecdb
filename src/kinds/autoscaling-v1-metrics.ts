type Fields = { readonly [name: string]: unknown };

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** Without what is undefined. */
function compact(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A metric in both versions: `spec` is a target's form, `status` a current value's. */
interface Source {
  readonly field: string;
  readonly old: (source: Fields) => Fields;
  readonly current: (source: Fields) => Fields;
}

function metricOf({ metricName, selector, metricSelector }: Fields): Fields {
  return compact({ name: metricName, selector: selector ?? metricSelector });
}

function oldResource({ name, container, target, current }: Fields): Fields {
  const { averageUtilization, averageValue } = fieldsOf(target);
  const now = fieldsOf(current);
  return compact({
    name,
    container,
    targetAverageUtilization: averageUtilization,
    targetAverageValue: averageValue,
    currentAverageUtilization: now['averageUtilization'],
    currentAverageValue: now['averageValue'],
  });
}

function resource(isStatus: boolean) {
  return (old: Fields): Fields => {
    const { name, container } = old;
    const prefix = isStatus ? 'current' : 'target';
    const averageUtilization = old[`${prefix}AverageUtilization`];
    const averageValue = old[`${prefix}AverageValue`];
    const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization';
    const value = compact({ averageUtilization, averageValue });
    return compact({ name, container, ...(isStatus ? { current: value } : { target: { type, ...value } }) });
  };
}

function oldPods({ metric, target, current }: Fields): Fields {
  const { name, selector } = fieldsOf(metric);
  return compact({
    metricName: name,
    selector,
    targetAverageValue: fieldsOf(target)['averageValue'],
    currentAverageValue: fieldsOf(current)['averageValue'],
  });
}

function pods(isStatus: boolean) {
  return (old: Fields): Fields => {
    const { targetAverageValue, currentAverageValue } = old;
    const value = isStatus
      ? { current: compact({ averageValue: currentAverageValue }) }
      : { target: compact({ type: 'AverageValue', averageValue: targetAverageValue }) };
    return { metric: metricOf(old), ...value };
  };
}

function oldObject({ describedObject, metric, target, current }: Fields): Fields {
  const { name, selector } = fieldsOf(metric);
  const wanted = fieldsOf(target);
  const now = fieldsOf(current);
  return compact({
    target: describedObject,
    metricName: name,
    selector,
    targetValue: wanted['value'],
    currentValue: now['value'],
    averageValue: wanted['averageValue'] ?? now['averageValue'],
  });
}

function object(isStatus: boolean) {
  return (old: Fields): Fields => {
    const { target: describedObject, targetValue, currentValue, averageValue } = old;
    const type = averageValue === undefined ? 'Value' : 'AverageValue';
    const value = isStatus
      ? { current: compact({ value: currentValue, averageValue }) }
      : { target: compact({ type, value: targetValue, averageValue }) };
    return compact({ describedObject, metric: metricOf(old), ...value });
  };
}

function oldExternal({ metric, target, current }: Fields): Fields {
  const { name, selector } = fieldsOf(metric);
  const wanted = fieldsOf(target);
  const now = fieldsOf(current);
  return compact({
    metricName: name,
    metricSelector: selector,
    targetValue: wanted['value'],
    targetAverageValue: wanted['averageValue'],
    currentValue: now['value'],
    currentAverageValue: now['averageValue'],
  });
}

function external(isStatus: boolean) {
  return (old: Fields): Fields => {
    const { targetValue: value, targetAverageValue: averageValue, currentValue, currentAverageValue } = old;
    const shown = isStatus
      ? { current: compact({ value: currentValue, averageValue: currentAverageValue }) }
      : { target: compact({ type: value === undefined ? 'AverageValue' : 'Value', value, averageValue }) };
    return { metric: metricOf(old), ...shown };
  };
}

function sources(isStatus: boolean): readonly Source[] {
  return [
    { field: 'resource', old: oldResource, current: resource(isStatus) },
    { field: 'containerResource', old: oldResource, current: resource(isStatus) },
    { field: 'pods', old: oldPods, current: pods(isStatus) },
    { field: 'object', old: oldObject, current: object(isStatus) },
    { field: 'external', old: oldExternal, current: external(isStatus) },
  ];
}

function convert(metric: unknown, each: (source: Source, value: Fields) => Fields, isStatus: boolean): Fields {
  const fields = fieldsOf(metric);
  const converted = sources(isStatus).flatMap((source) =>
    isFields(fields[source.field]) ? [[source.field, each(source, fieldsOf(fields[source.field]))] as const] : [],
  );
  return { type: fields['type'] ?? '', ...Object.fromEntries(converted) };
}

/** A metric (or its status) of autoscaling/v2 as autoscaling/v1 writes it into its annotations. */
export function toOldMetric(metric: unknown): Fields {
  return convert(metric, (source, value) => source.old(value), false);
}

/** A metric out of an annotation of autoscaling/v1 in its autoscaling/v2 form. */
export function fromOldMetric(metric: unknown, isStatus: boolean): Fields {
  return convert(metric, (source, value) => source.current(value), isStatus);
}
