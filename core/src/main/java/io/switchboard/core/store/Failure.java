package io.switchboard.core.store;

/** Why a store could not do what was asked; it goes on serving what it still can. */
public enum Failure {
    /** No space left; reads go on, and writes will once there is space again. */
    FULL,
    /** It has as much unfinished work as it may; try again shortly. */
    BUSY,
    /** It cannot be reached or does not work, for now. */
    UNAVAILABLE,
    /** What it holds cannot be read back. */
    DAMAGED
}
