// A range input that runs over a row of values, which need not be as far from each other as its steps.

/**
 * @template T
 * @param {string} id of the input; what it says is shown in the element with `-shown` behind it
 * @param {T[]} values from left to right
 * @param {T} begin one of them
 * @param {(value: T) => string} say
 * @param {(value: T) => void} changed told what a visitor chose
 */
export function slider(id, values, begin, say, changed) {
  const input = document.getElementById(id)
  const shown = document.getElementById(`${id}-shown`)
  Object.assign(input, { min: 0, max: values.length - 1, step: 1, value: values.indexOf(begin) })
  let value = begin
  const show = () => {
    shown.textContent = say(value)
    input.setAttribute('aria-valuetext', say(value))
  }
  input.addEventListener('input', () => {
    value = values[input.valueAsNumber]
    show()
    changed(value)
  })
  show()
  return {
    get value() {
      return value
    },
    /** Shows a value that somebody else chose, at the place that is nearest. */
    set value(other) {
      if (other === value) return
      value = other
      const near = values.reduce((best, each) => (Math.abs(each - other) < Math.abs(best - other) ? each : best))
      input.value = String(values.indexOf(near))
      show()
    },
  }
}
