package io.switchboard.core.access;

/** What somebody may do with a channel. None includes another. */
public enum Right {
    /** Read it, watch who is there, find it in a list. */
    READ,
    /** Append to it. */
    WRITE,
    /** Create it, close it, delete it. */
    MANAGE
}
