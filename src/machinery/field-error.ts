/**
 * A finding about one field: `field.Error` of apimachinery as a value.
 * Validators return lists of these and never throw.
 */
export interface FieldError {
  readonly type:
    | 'FieldValueNotFound'
    | 'FieldValueRequired'
    | 'FieldValueDuplicate'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'InternalError';
  /** Dotted path with `[index]` and `[key]`, as `spec.containers[0].image`. */
  readonly field: string;
  /** The whole sentence without the path, exactly as upstream prints it: `Invalid value: "x": must be …`. */
  readonly message: string;
}
