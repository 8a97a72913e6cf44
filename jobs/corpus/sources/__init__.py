"""Where inputs come from: names expanded into files, and files read over networks that fail"""
