"""Pure mathematics: frames and arrays in, frames out. Nothing here knows a file, a table or Dagster."""
