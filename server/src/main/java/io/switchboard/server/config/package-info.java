/**
 * What an operator may set: one table of keys, read from defaults, a YAML file, the environment and flags, in that order.
 * It must not know what is done with a setting, nor how a command line is parsed.
 */
@NullMarked
package io.switchboard.server.config;

import org.jspecify.annotations.NullMarked;
