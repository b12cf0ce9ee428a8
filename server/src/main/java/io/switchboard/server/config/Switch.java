package io.switchboard.server.config;

/** Something that is done or not. */
public enum Switch {
    OFF,
    ON
}
