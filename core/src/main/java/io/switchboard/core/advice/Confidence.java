package io.switchboard.core.advice;

/** How sure an advice is, by how much was seen and by how far the next best is behind. */
public enum Confidence {
    LOW,
    MEDIUM,
    HIGH
}
