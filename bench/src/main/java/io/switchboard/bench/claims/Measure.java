package io.switchboard.bench.claims;

/** One figure that was measured, or reckoned of what was. */
record Measure(String label, double value, Unit unit) {
    static Measure bytes(String label, double value) {
        return new Measure(label, value, Unit.BYTES);
    }

    static Measure bytes(String label, long value) {
        return new Measure(label, (double) value, Unit.BYTES);
    }

    String text() {
        return unit.text(value);
    }
}
